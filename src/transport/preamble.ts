/** How much of the noise before the mark is kept as evidence, and how long the noise may grow in memory. */
const keptNoise = 4096;

/**
 * Separates what a login shell says of its own accord (`.bashrc`, banners) from what our script says: all that
 * comes before the mark is noise.
 */
export interface Preamble {
  /** The bytes of this chunk that come after the mark; empty while the mark has not been seen. */
  after(chunk: Uint8Array): Uint8Array;
  found(): boolean;
  /** The noise, at most 4 KiB of it. */
  noise(): Uint8Array;
}

/** Waits for `\nmark\n` in a stream. */
export function preamble(mark: string): Preamble {
  const needle = Buffer.from(`\n${mark}\n`);
  let found = false;
  let noise = Buffer.alloc(0);
  let pending = Buffer.alloc(0);

  const keep = (bytes: Uint8Array): void => {
    if (noise.length < keptNoise) noise = Buffer.concat([noise, bytes.subarray(0, keptNoise - noise.length)]);
  };

  return {
    after(chunk) {
      if (found) return chunk;
      const seen = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
      const at = seen.indexOf(needle);
      if (at !== -1) {
        found = true;
        keep(seen.subarray(0, at));
        return seen.subarray(at + needle.length);
      }
      const safe = Math.max(0, seen.length - needle.length + 1);
      keep(seen.subarray(0, safe));
      pending = seen.subarray(safe);
      return Buffer.alloc(0);
    },
    found: () => found,
    noise: () => (found ? noise : Buffer.concat([noise, pending])),
  };
}
