/**
 * Counts what a distance costs: the longest chain of commands and HTTP requests in which each began after the one
 * before it had been answered. What goes side by side counts once. The login, and the opening of the channel that
 * something goes through, are not counted apart.
 */
export interface RoundTrips {
  /** Something is on its way from now on, until what is returned is called. */
  begin(): () => void;
  /** The length of the chain so far. */
  count(): number;
}

/** Starts at none. */
export function countRoundTrips(): RoundTrips {
  let chain = 0;
  return {
    begin() {
      const behind = chain;
      return () => {
        chain = Math.max(chain, behind + 1);
      };
    },
    count: () => chain,
  };
}
