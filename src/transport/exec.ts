import type { Ended } from '../engine/ports.js';
import { capture } from './capture.js';
import { inTime } from './deadline.js';
import { lineSplitter } from './line-splitter.js';
import type { Channel, Link } from './link.js';
import { preamble } from './preamble.js';

/** Output over this many bytes a stream is cut in the middle. */
const defaultCapBytes = 4 * 1024 * 1024;

/** How a command is followed. */
export interface Follow {
  readonly link: Link;
  /** Aborts with an Error as its reason when nobody waits any longer. */
  readonly signal: AbortSignal;
  /** What the command prints on both streams before anything of its own; null: all output is its own. */
  readonly mark: string | null;
  readonly capBytes?: number | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
}

/** How it went, and what a caller needs to find out whether our command ran at all. */
export interface Followed {
  readonly ended: Ended;
  /** The mark was seen: our shell ran. */
  readonly marked: boolean;
  /** What was printed before the mark, from both streams. */
  readonly noise: Uint8Array;
}

/** Reads one stream of a command. */
function reader(stream: NodeJS.ReadableStream, { mark, capBytes, onLine }: Follow) {
  const kept = capture(capBytes ?? defaultCapBytes);
  const before = mark === null ? null : preamble(mark);
  const lines = onLine === undefined ? null : lineSplitter(onLine);
  stream.on('data', (chunk: Buffer) => {
    const own = before === null ? chunk : before.after(chunk);
    if (own.length === 0) return;
    kept.add(own);
    lines?.add(own);
  });
  stream.on('end', () => lines?.end());
  return {
    kept,
    marked: () => before === null || before.found(),
    noise: () => before?.noise() ?? new Uint8Array(),
  };
}

/**
 * Follows a command to its end. Resolves to exactly one of exit, signal and unknown; an exit counts only when all
 * the output that belongs to it has come.
 */
export async function follow(channel: Channel, options: Follow): Promise<Followed> {
  const stdout = reader(channel, options);
  const stderr = reader(channel.stderr, options);
  const seen: End = { code: null, signal: null, whole: false };
  // ssh2's own event for the exit may have passed before anybody listened: a quick command ends in the packet that opens
  // its channel. The close comes after the last byte was read, and repeats what was said.
  channel.on('close', (code?: number | null, signal?: string) => {
    seen.code = code ?? null;
    seen.signal = signal ?? null;
  });
  channel.on('end', () => {
    seen.whole = options.link.lost() === null;
  });
  // Writing to a command that has gone: its end says all there is to say.
  channel.on('error', () => undefined);

  const because = await closed(channel, options);
  const output = () => ({
    stdout: stdout.kept.bytes(),
    stderr: stderr.kept.bytes(),
    truncated: stdout.kept.truncated() || stderr.kept.truncated(),
  });
  return {
    ended: because === null && seen.whole ? endedOf(seen, output()) : unknown(because, options.link),
    marked: stdout.marked() || stderr.marked(),
    noise: Buffer.concat([stdout.noise(), stderr.noise()]),
  };
}

/** Resolves to null when both streams are at their end, or to why nobody waited for that. */
async function closed(channel: Channel, { signal }: Follow): Promise<string | null> {
  const waited = await inTime(Promise.all([closing(channel), closing(channel.stderr)]), signal);
  // After a deadline: the program on the host is not stopped by it, but its session ends here.
  channel.close();
  return waited.is === 'done' ? null : waited.because.message;
}

const closing = (stream: NodeJS.ReadableStream): Promise<void> =>
  new Promise((resolve) => void stream.once('close', () => resolve()));

/** What the host said about the end, and whether all output had come by then. */
interface End {
  code: number | null;
  signal: string | null;
  whole: boolean;
}

function endedOf(
  end: End,
  output: { readonly stdout: Uint8Array; readonly stderr: Uint8Array; readonly truncated: boolean },
): Ended {
  if (end.signal !== null) return { is: 'signal', signal: end.signal, ...output };
  if (end.code !== null) return { is: 'exit', code: end.code, ...output };
  return { is: 'unknown', because: 'the host closed the channel without saying how the command ended' };
}

const unknown = (because: string | null, link: Link): Ended => ({
  is: 'unknown',
  because: because ?? link.lost() ?? 'the connection went away',
});
