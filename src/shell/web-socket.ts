import type { Endpoint } from './http-request.js';

/** Opens a WebSocket (RFC 6455), as data. */
export interface WebSocketRequest {
  readonly to: Endpoint;
  /** Path and query, beginning with `/`. */
  readonly path: string;
  /** `Host` may be set; it defaults to the endpoint's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The one subprotocol that is asked for and must be granted. */
  readonly protocol: string;
  /** Until it is open. Default 10 000 ms. */
  readonly timeoutMs?: number;
}

/** Text messages in both directions. A message over 1 MiB ends it. */
export interface WebSocketLine extends AsyncDisposable {
  send(text: string): void;
  /** The next message in order of arrival; null when none came within `withinMs`, or when the line has ended. */
  next(withinMs: number): Promise<string | null>;
  /** Why it ended; null while it is open. */
  ended(): string | null;
}
