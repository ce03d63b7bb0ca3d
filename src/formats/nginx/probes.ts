import { type LocationMatch, regexCount } from './location.js';
import type { Server } from './server.js';

/** Paths of the kinds that a Jitsi site serves: rooms, tenants, static files, BOSH, websockets, the bridge, its API. */
const sitePaths = [
  '/',
  '/room',
  '/Room-1_%C3%A9',
  '/room/',
  '/tenant/room',
  '/a/b/c',
  '/realms-party',
  '/adminroom',
  '/resourceful',
  '/config.js',
  '/interface_config.js',
  '/external_api.js',
  '/manifest.json',
  '/pwa-worker.js',
  '/favicon.ico',
  '/libs/app.bundle.min.js',
  '/css/all.css',
  '/images/watermark.svg',
  '/lang/main.json',
  '/sounds/ring.mp3',
  '/static/sso.html',
  '/static/close.html',
  '/.well-known/acme-challenge/token',
  '/http-bind',
  '/http-bind?room=x',
  '/xmpp-websocket',
  '/xmpp-websocket?room=x',
  '/colibri-ws/default-id/x/y',
  '/colibri-ws/10.0.0.1/x/y',
  '/colibri-relay-ws/x',
  '/conference-request/v1',
  '/_api/room-info',
  '/_api/public/x',
  '/etherpad/p/x',
  '/tenant/config.js',
  '/tenant/http-bind',
  '/tenant/xmpp-websocket',
  '/tenant/conference-request/v1',
  '/tenant/_api/room-info',
  '/tenant/pwa-worker.js',
] as const;

/** So many tries of a regular expression on a path, and so many paths, take well under a second. */
const mostTries = 200_000;
const mostPaths = 2_000;

/**
 * Paths to compare servers by: the usual ones of a site, then those at the edges of the given matches and of the
 * servers' own locations with a fixed name, as many as can be tried in reasonable time.
 */
export function probes(
  servers: readonly Server[],
  matches: readonly LocationMatch[] = [],
): ReadonlySet<string> {
  const own = servers.flatMap(({ locations }) => locations.all.map(({ match }) => match));
  const edges = [...matches, ...own]
    .filter(({ is }) => is === 'exact' || is === 'prefix')
    .map(({ name }) => pathOf(name))
    .flatMap((name) => [name, `${name}x`, `${name}/`, `${name}/x`, name.replace(/\/$/, '')])
    .filter((path) => path.startsWith('/'));
  const regexes = Math.max(...servers.map(({ locations }) => regexCount(locations)));
  return new Set(
    [...sitePaths, ...edges].slice(0, Math.min(mostPaths, Math.ceil(mostTries / (1 + regexes)))),
  );
}

/** A name of the file (latin1) as a path in a request. */
export const pathOf = (name: string): string =>
  name.replace(/[^\w\-./~!$&'()*+,;=:@]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
