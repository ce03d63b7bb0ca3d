import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { Failed } from '../model/failure.js';
import type { Channel } from './link.js';

/** Read at once from disk, and the grain of the progress. */
const chunkBytes = 256 * 1024;

/** A local file on its way to a host. */
export interface LocalFile extends AsyncDisposable {
  readonly path: string;
  readonly size: number;
  /** The file's bytes from the start. */
  chunks(): AsyncIterable<Buffer>;
}

/** @throws Failed `configuration` when it cannot be read */
export async function openLocalFile(path: string): Promise<LocalFile> {
  try {
    const handle = await open(path, 'r');
    const { size } = await handle.stat();
    return {
      path,
      size,
      chunks: () =>
        handle.createReadStream({ highWaterMark: chunkBytes, autoClose: false }) as AsyncIterable<Buffer>,
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Writes a file into a command's stdin as fast as the host takes it. Stops when the command has ended or nobody
 * waits for it any longer.
 */
export async function feed(
  channel: Channel,
  file: LocalFile,
  options: { readonly signal: AbortSignal; readonly onSent: (bytes: number) => void },
): Promise<void> {
  const gone = new AbortController();
  const isGone = (): boolean => gone.signal.aborted;
  channel.once('close', () => gone.abort());
  options.signal.addEventListener('abort', () => gone.abort(), { once: true });
  let sent = 0;
  try {
    for await (const chunk of file.chunks()) {
      // A write to a closed channel never calls back.
      if (isGone() || options.signal.aborted || !channel.writable) return;
      if (!channel.write(chunk)) await once(channel, 'drain', { signal: gone.signal }).catch(() => undefined);
      if (isGone()) return;
      sent += chunk.length;
      options.onSent(sent);
    }
    channel.end();
  } catch (error) {
    channel.close();
    throw unreadable(file.path, error);
  }
}

const unreadable = (path: string, error: unknown): Failed =>
  new Failed({
    reason: 'configuration',
    what: `the file ${path} cannot be read`,
    evidence: [(error as Error).message],
    next: 'correct its path in the inventory, or make it readable',
  });
