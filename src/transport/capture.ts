/**
 * Collects a stream of bytes within a bound: all of it, or its beginning and its end when it is too long. Memory
 * never exceeds the cap, however small the chunks.
 */
export interface Capture {
  add(chunk: Uint8Array): void;
  /** What was kept. Head and tail follow each other without a mark: see {@link truncated}. */
  bytes(): Uint8Array;
  truncated(): boolean;
}

/** @param capBytes the most that is kept; half of it from the beginning, half from the end */
export function capture(capBytes: number): Capture {
  const headCap = Math.ceil(capBytes / 2);
  const tailCap = capBytes - headCap;
  let head = Buffer.alloc(0);
  let headLength = 0;
  let tail: Buffer | null = null;
  let tailLength = 0;

  const addHead = (chunk: Uint8Array): Uint8Array => {
    const part = chunk.subarray(0, headCap - headLength);
    if (headLength + part.length > head.length) {
      const grown = Buffer.alloc(
        Math.min(headCap, Math.max(4096, 2 * head.length, headLength + part.length)),
      );
      head.copy(grown, 0, 0, headLength);
      head = grown;
    }
    head.set(part, headLength);
    headLength += part.length;
    return chunk.subarray(part.length);
  };
  const addTail = (chunk: Uint8Array): void => {
    if (tailCap === 0) return void (tailLength += chunk.length);
    tail ??= Buffer.alloc(tailCap);
    const part = chunk.subarray(Math.max(0, chunk.length - tailCap));
    const at = (tailLength + chunk.length - part.length) % tailCap;
    const first = part.subarray(0, tailCap - at);
    tail.set(first, at);
    tail.set(part.subarray(first.length), 0);
    tailLength += chunk.length;
  };

  return {
    add(chunk) {
      const rest = headLength < headCap ? addHead(chunk) : chunk;
      if (rest.length > 0) addTail(rest);
    },
    bytes() {
      const start = head.subarray(0, headLength);
      if (tail === null) return start;
      if (tailLength <= tailCap) return Buffer.concat([start, tail.subarray(0, tailLength)]);
      const at = tailLength % tailCap;
      return Buffer.concat([start, tail.subarray(at), tail.subarray(0, at)]);
    },
    truncated: () => tailLength > tailCap,
  };
}
