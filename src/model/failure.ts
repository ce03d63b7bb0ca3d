/** Why something did not happen. Each reason has its own words and its own exit code. */
export type FailureReason =
  | 'unreachable' // no SSH session: address, port, host key, login
  | 'command-failed' // the host said no
  | 'refused' // we will not touch it: the evidence says why
  | 'check-unmet' // a check did not come right in time
  | 'not-converged' // changed, read again, and still not as wanted
  | 'plan-drifted' // the host is no longer as the plan saw it
  | 'changed-meanwhile' // undo found the thing as neither we nor the time before us left it
  | 'unknown-outcome' // the connection went away in the middle
  | 'unfinished-run' // an earlier run did not end
  | 'configuration' // inventory, graph or flags
  | 'interrupted'
  | 'bug';

/** One link of the chain that leads from what was seen to what is to be mended. */
export interface Cause {
  /** Short and stable, in kebab-case, for tables and programs: `issuer-scheme`. */
  readonly name: string;
  /** One sentence. */
  readonly what: string;
  /** `path:line`, `Keycloak: realm R, field F`, `container C, option O`; or the step of a proof where it was seen. */
  readonly where: string;
  /** The edit that mends it: on the last link, the root. */
  readonly fix?: string;
}

/** A failure as data: it goes into the journal, the events and the terminal alike. */
export interface FailureData {
  readonly reason: FailureReason;
  /** One sentence: what went wrong, with the thing's name. */
  readonly what: string;
  /** What the host or the file said, line by line. Already free of secrets and of control characters. */
  readonly evidence: readonly string[];
  /** Why, from the symptom to the root; absent where nobody looked, or where nothing was found. */
  readonly causes?: readonly Cause[];
  /** One sentence: what to do next. */
  readonly next: string;
  /** Another attempt may succeed by itself: a lost packet, a server that is still starting. */
  readonly transient: boolean;
}

/** An expected failure. Everything else that is thrown is a bug. */
export class Failed extends Error {
  override readonly name = 'Failed';
  readonly failure: FailureData;

  constructor(
    failure: Pick<FailureData, 'reason' | 'what' | 'next'> & Partial<FailureData>,
    options?: ErrorOptions,
  ) {
    super(failure.what, options);
    this.failure = { evidence: [], transient: false, ...failure };
  }
}

/** The failure in anything that was thrown. What is not a {@link Failed} is a bug, with its stack as evidence. */
export function failureOf(error: unknown): FailureData {
  if (error instanceof Failed) return error.failure;
  const thrown = error instanceof Error ? error : new Error(String(error));
  return {
    reason: 'bug',
    what: `a bug in orchestrate: ${thrown.message}`,
    evidence: (thrown.stack ?? '').split('\n').slice(0, 12),
    next: 'send these lines with the output of `orchestrate --version` to the authors',
    transient: false,
  };
}

/** Why nothing answered, for whom silence is an answer, too. Every other error goes on: a lost host, an interruption. */
export function silence(error: unknown): FailureData {
  if (error instanceof Failed && error.failure.reason === 'command-failed') return error.failure;
  throw error;
}
