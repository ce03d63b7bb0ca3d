import type { Statement } from './argument.js';
import type { ServerChoice } from './server.js';

/** Adds a location to a server, or replaces the one with the same path. */
export interface SetLocation {
  readonly is: 'set-location';
  readonly server: ServerChoice;
  /** As nginx writes it, the path unquoted: `= /x`, `^~ /x/`, `/x`, `~ ^/x$`. */
  readonly match: string;
  readonly body: readonly Statement[];
}

/** Takes a location out of a server; none there is fine. */
export interface RemoveLocation {
  readonly is: 'remove-location';
  readonly server: ServerChoice;
  readonly match: string;
}

/** Demands an answer of the edited file; nothing is written when it differs. */
export interface ExpectRoute {
  readonly is: 'expect-route';
  readonly server: ServerChoice;
  /** A path as a browser sends it. */
  readonly path: string;
  /** A location's match; `as-before`, what answered it in the file that was given; or `any`, a change that is meant. */
  readonly answeredBy: string;
}

/** One edit of an nginx file, as plain data. */
export type NginxEdit = SetLocation | RemoveLocation | ExpectRoute;

/** Where an edit belongs: a domain alone means its server with TLS. */
type Where = ServerChoice | { readonly server: string };

const choiceOf = (where: Where): ServerChoice => ('server' in where ? { domain: where.server } : where);

/** Adds or replaces a location: `location('= /x', [['return', '404']], { server: 'meet.example.com' })`. */
export const location = (match: string, body: readonly Statement[], where: Where): SetLocation => ({
  is: 'set-location',
  server: choiceOf(where),
  match,
  body,
});

/** Takes a location out: `removeLocation('= /x', { server: 'meet.example.com' })`. */
export const removeLocation = (match: string, where: Where): RemoveLocation => ({
  is: 'remove-location',
  server: choiceOf(where),
  match,
});

/** Demands an answer: `expectRoute('/room', 'as-before', { server: 'meet.example.com' })`. */
export const expectRoute = (path: string, answeredBy: string, where: Where): ExpectRoute => ({
  is: 'expect-route',
  server: choiceOf(where),
  path,
  answeredBy,
});
