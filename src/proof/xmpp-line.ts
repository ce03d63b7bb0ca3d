import type { XmlElement } from '../dialects/xmpp/element.js';

/** A stream of XMPP through the site, whatever carries it. */
export interface XmppLine extends AsyncDisposable {
  /** As in the site's addresses. */
  readonly path: '/http-bind' | '/xmpp-websocket';
  /** Opens the stream, and opens it anew after a login. The stream's features; null when there are none. */
  open(): Promise<XmlElement | null>;
  /** Sends a stanza with the next chance. */
  send(xml: string): void;
  /** The next element; null when none came within `withinMs` (BOSH: two seconds more), or at the end. */
  next(withinMs: number): Promise<XmlElement | null>;
  /** Why the server ended the stream; null while it is open. */
  ended(): string | null;
}

/** The first element that `read` makes something of; null when none came in time. */
export async function awaitElement<T>(
  line: XmppLine,
  read: (element: XmlElement) => T | undefined,
  withinMs: number,
): Promise<T | null> {
  const until = performance.now() + withinMs;
  for (let left = withinMs; left > 0; left = until - performance.now()) {
    const element = await line.next(left);
    if (element === null) {
      if (line.ended() !== null) return null;
      continue;
    }
    const found = read(element);
    if (found !== undefined) return found;
  }
  return null;
}
