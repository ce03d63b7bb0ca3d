import type { Duplex, Readable } from 'node:stream';

/** One channel of a connection: what is written goes to the command's stdin, what is read is its stdout. */
export type Channel = Duplex & {
  readonly stderr: Readable;
  /** Closes this side; the other side's program is not stopped by it. */
  close(): void;
};

/** An open, authenticated connection to one host. It never throws of its own accord: see {@link Link.lost}. */
export interface Link {
  /** Starts a command. Rejects with ssh2's error when it was not started, or may not have been. */
  exec(commandLine: string): Promise<Channel>;
  /** Opens a TCP connection from the host. */
  forward(address: string, port: number): Promise<Channel>;
  /** Why the connection is gone, in a few words; null while it is there. */
  lost(): string | null;
  /** Says goodbye and waits until the socket is closed. */
  close(): Promise<void>;
}

/** What ssh2 says when a channel was not opened, so that nothing ran: RFC 4254, 5.1. */
export interface ChannelRefusal {
  /** 1: prohibited by the host's rules. 2: no connection, or no more sessions. 3: unknown type. 4: resources. */
  readonly code: 1 | 2 | 3 | 4;
  readonly said: string;
}

/** Reads an error of {@link Link.exec} or {@link Link.forward}; null when it says something else. */
export function channelRefusal(error: unknown): ChannelRefusal | null {
  if (!(error instanceof Error) || !error.message.startsWith('(SSH) Channel open failure')) return null;
  const { reason } = error as { reason?: unknown };
  const said = error.message.replace(/^\(SSH\) Channel open failure: /, '');
  return reason === 1 || reason === 2 || reason === 3 || reason === 4 ? { code: reason, said } : null;
}

/** Lets a channel go that nobody reads: without a reader it would never close. */
export function discard(channel: Channel): void {
  channel.resume();
  channel.stderr.resume();
  channel.close();
}
