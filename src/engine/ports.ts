import type { Host } from '../model/host.js';
import type { StreamCommand } from '../model/kind.js';
import type { HttpRequest, HttpResponse } from '../shell/http-request.js';
import type { WebSocketLine, WebSocketRequest } from '../shell/web-socket.js';

/** How a command ended: exactly one of the three. */
export type Ended =
  | {
      readonly is: 'exit';
      readonly code: number;
      readonly stdout: Uint8Array;
      readonly stderr: Uint8Array;
      readonly truncated: boolean;
    }
  | {
      readonly is: 'signal';
      readonly signal: string;
      readonly stdout: Uint8Array;
      readonly stderr: Uint8Array;
      readonly truncated: boolean;
    }
  /** The connection or the deadline went away: the command may have done its work, or some of it. */
  | { readonly is: 'unknown'; readonly because: string };

/** Options of one command. Output over `capBytes` a stream is cut in the middle (head and tail kept). */
export interface ExecOptions {
  readonly timeoutMs: number;
  readonly capBytes?: number;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** What the figures of a run are made of. */
export interface SessionFigures {
  readonly handshakes: number;
  /** The longest chain of commands and HTTP requests in which each waited for the one before it. */
  readonly roundTrips: number;
}

/** One login on one host: one connection, however many commands. */
export interface Session extends AsyncDisposable {
  /**
   * Runs a script: `sh -s`, or `sudo -n -- sh -s` when the host becomes root. The first call also finds out
   * whether sudo works.
   *
   * @throws Failed `unreachable` or `interrupted` when the script certainly did not start: sudo or the login shell
   *   refuses, or the connection was gone before
   */
  script(script: Uint8Array, options: ExecOptions): Promise<Ended>;
  /**
   * Streams a local file into a constant command. `onBytes` gets the bytes sent so far and the total. `timeoutMs`
   * bounds the time without progress, not the whole.
   *
   * @throws Failed as {@link script}, and `configuration` when the file cannot be read
   */
  stream(
    command: StreamCommand,
    localPath: string,
    options: ExecOptions & { readonly onBytes?: (sent: number, total: number) => void },
  ): Promise<Ended>;
  /**
   * One HTTP request, dialled from the host.
   *
   * @throws Failed `command-failed`, transient, when there is no answer; `refused`, not transient, when the login
   *   of `request.auth` is wrong; `interrupted`
   */
  http(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>;
  /**
   * A WebSocket, dialled from the host. It ends with the session.
   *
   * @throws Failed as {@link http}
   */
  webSocket(request: WebSocketRequest, signal?: AbortSignal): Promise<WebSocketLine>;
  /** Whether the connection still stands, as far as is known. */
  isOpen(): boolean;
  figures(): SessionFigures;
}

/** Opens sessions. */
export interface Transport {
  /** @throws Failed `unreachable`, transient only where another attempt may help */
  connect(host: Host, signal?: AbortSignal): Promise<Session>;
}

/** The time. */
export interface Clock {
  now(): Date;
}
