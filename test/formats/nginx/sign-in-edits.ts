import {
  expectRoute,
  location,
  type NginxEdit,
  removeLocation,
  type ServerChoice,
  type Statement,
  variable,
} from '../../../src/formats/nginx/index.js';

/**
 * The path in `proxy_pass` makes nginx send the path that it matched; without it Keycloak would get the client's own
 * spelling, in which `%2f..` can hide another realm.
 */
const proxied = (path: string): readonly Statement[] => [
  ['proxy_pass', `http://127.0.0.1:18080${path}`],
  ['proxy_set_header', 'Host', variable('host')],
  ['proxy_set_header', 'X-Real-IP', variable('remote_addr')],
  ['proxy_set_header', 'X-Forwarded-For', variable('remote_addr')],
  ['proxy_set_header', 'X-Forwarded-Proto', 'https'],
  ['proxy_set_header', 'X-Forwarded-Host', variable('host')],
  ['proxy_set_header', 'X-Forwarded-Port', '443'],
  ['proxy_buffer_size', '128k'],
  ['proxy_buffers', '4', '256k'],
  ['proxy_busy_buffers_size', '256k'],
  ['ssi', 'off'],
];

const notFound: readonly Statement[] = [['return', '404']];

const locations = (realm: string): readonly (readonly [match: string, body: readonly Statement[]])[] => [
  ['= /realms', notFound],
  ['^~ /realms/', notFound],
  [`^~ /realms/${realm}/`, proxied(`/realms/${realm}/`)],
  // Without it nginx would redirect the room "resources" to Keycloak's folder.
  ['= /resources', [['rewrite', '^', '/', 'last']]],
  ['^~ /resources/', proxied('/resources/')],
  ['= /admin', notFound],
  ['^~ /admin/', notFound],
];

/** The locations of Keycloak sign-in, as the flagship wants them. */
export const signInEdits = (server: ServerChoice, realm = 'jitsi-realm'): readonly NginxEdit[] =>
  locations(realm).map(([match, body]) => location(match, body, server));

/** The same taken out again. */
export const withoutSignIn = (server: ServerChoice, realm = 'jitsi-realm'): readonly NginxEdit[] =>
  locations(realm).map(([match]) => removeLocation(match, server));

/** Who must answer afterwards. */
export const signInRoutes = (server: ServerChoice, realm = 'jitsi-realm'): readonly NginxEdit[] =>
  (
    [
      [`/realms/${realm}/protocol/openid-connect/auth?client_id=jitsi`, `^~ /realms/${realm}/`],
      ['/resources/abc12/login/keycloak.v2/css/styles.css', '^~ /resources/'],
      ['/realms', '= /realms'],
      ['/realms/', '^~ /realms/'],
      ['/realms/master/', '^~ /realms/'],
      [`/realms/${realm}/../master/`, '^~ /realms/'],
      [`/realms/${realm};x=1/`, '^~ /realms/'],
      ['/admin', '= /admin'],
      ['/admin/', '^~ /admin/'],
      ['/admin/master/console/', '^~ /admin/'],
      ['/realms-party', 'as-before'],
      ['/adminroom', 'as-before'],
      ['/room', 'as-before'],
      ['/xmpp-websocket', 'as-before'],
      ['/http-bind', 'as-before'],
    ] as const
  ).map(([path, answeredBy]) => expectRoute(path, answeredBy, server));
