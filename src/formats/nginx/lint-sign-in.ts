import type { Finding } from '../outcome.js';
import { positionAt, readableText, type Span } from '../source.js';
import { type Answer, answersOf } from './answer.js';
import { type Location, writtenMatch } from './location.js';
import { described } from './routes.js';
import type { Server } from './server.js';
import { argumentsOf, type Directive, directivesNamed } from './tree.js';

/** What the routes to Keycloak are checked for. */
export interface SignInRoutes {
  readonly realm: string;
}

/**
 * Faults of hand-made routes to Keycloak in a server; none when no location proxies `/realms`.
 *
 * Each was seen to break a login or to open one (see the project's list of faults of the published recipe).
 */
export function signInFaults(server: Server, { realm }: SignInRoutes): readonly Finding[] {
  const answer = answersOf(server);
  const meant = server.locations.all.filter(
    ({ match, block }) => isRealms(match.name) && passOf(block.children),
  );
  if (meant.length === 0) return [];
  const login = `/realms/${encodeURIComponent(realm)}/protocol/openid-connect/auth`;
  const routes = meant.filter(({ match }) => match.is !== 'named');
  const proxies = server.locations.all.filter(({ match }) => isRealms(match.name) || isResources(match.name));
  return [
    ...loginFaults(server, answer(login), routes, login),
    ...openFaults(server, answer),
    ...resourceFaults(server, answer('/resources/abcde/login/keycloak.v2/css/styles.css'), routes),
    ...proxies.flatMap((location) => proxyFaults(server, location, realm)),
  ];
}

const isRealms = (name: string): boolean => /^\^?\/realms\b/.test(name);
const isResources = (name: string): boolean => /^\^?\/resources\b/.test(name);

type Items = Server['block']['children'];

/** The `proxy_pass` of a body. */
const passOf = (items: Items): Directive | undefined => directivesNamed(items, 'proxy_pass').at(-1);

const finding = (
  server: Server,
  span: Span,
  code: string,
  texts: Pick<Finding, 'breaks' | 'fix'>,
): Finding => ({
  code,
  at: positionAt(server.tree.text, span.start),
  ...texts,
});

function loginFaults(
  server: Server,
  answer: Answer,
  routes: readonly Location[],
  login: string,
): readonly Finding[] {
  const [first] = routes;
  if (
    !first ||
    answer.is !== 'location' ||
    routes.includes(answer.location) ||
    isRealms(answer.location.match.name)
  )
    return [];
  return [
    finding(server, first.block, 'realms-behind-regex', {
      breaks: `${login} is answered by ${described(answer)}, not by location ${readableText(writtenMatch(first.match))}: nobody sees a login page`,
      fix: `Write location ^~ ${readableText(first.match.name)}: only ^~ stops nginx from trying the regular expressions.`,
    }),
  ];
}

/** Paths that must not reach Keycloak from outside, and what is behind them. */
const closed = [
  { path: '/realms/master/', code: 'master-realm-public', what: 'The admin realm, /realms/master/,' },
  { path: '/admin/master/console/', code: 'admin-console-public', what: 'The admin console, /admin/,' },
] as const;

function openFaults(server: Server, answer: (path: string) => Answer): readonly Finding[] {
  return closed.flatMap(({ path, code, what }) => {
    const found = answer(path);
    if (found.is !== 'location' || !/^\^?\/(realms|admin)\b/.test(found.location.match.name)) return [];
    if (!passOf(found.location.block.children)) return [];
    const breaks = `${what} is open to the world: its login can be guessed at.`;
    const fix =
      'Proxy only the one realm (location ^~ /realms/NAME/), and answer /realms/ and /admin/ with 404.';
    return [finding(server, found.location.block, code, { breaks, fix })];
  });
}

function resourceFaults(server: Server, answer: Answer, routes: readonly Location[]): readonly Finding[] {
  const [first] = routes;
  const proxied = answer.is === 'location' && passOf(answer.location.block.children) !== undefined;
  if (!first || proxied || answer.is === 'cannot-tell' || answer.is === 'server-rewrite') return [];
  return [
    finding(server, first.block, 'resources-missing', {
      breaks: `The login page's style sheets and scripts, under /resources/, are answered by ${described(answer)}.`,
      fix: 'Proxy /resources/ to Keycloak too, with location ^~ /resources/.',
    }),
  ];
}

function proxyFaults(server: Server, { match, block }: Location, realm: string): readonly Finding[] {
  const pass = passOf(block.children);
  if (!pass) return [];
  const target = argumentsOf(pass)[0] ?? '';
  return [
    ...headerFaults(server, block, pass),
    ...(/^https?:\/\/localhost\b/.test(target)
      ? [
          finding(server, pass, 'proxy-to-localhost', {
            breaks:
              'localhost may be ::1, where a container published on 127.0.0.1 does not listen: some requests fail with 502.',
            fix: 'Write 127.0.0.1 instead of localhost.',
          }),
        ]
      : []),
    ...(match.name.startsWith(`/realms/${realm}`) && /^https?:\/\/[^/$]*$/.test(target)
      ? [
          finding(server, pass, 'raw-path-proxied', {
            breaks:
              "nginx chooses by the decoded path but passes the client's own spelling on: %2f.. hides another realm from this rule.",
            fix: `Give proxy_pass the path too: ${target}${match.name}`,
          }),
        ]
      : []),
    ...(lastSetting(server, block.children, 'ssi') === 'on'
      ? [
          finding(server, block, 'ssi-on-proxied', {
            breaks:
              'Server-side includes are on here: text from Keycloak that looks like one would be run by nginx.',
            fix: 'Write "ssi off;" in this location.',
          }),
        ]
      : []),
  ];
}

const lastSetting = (server: Server, own: Items, name: string): string | undefined => {
  const found = [own, server.block.children, server.around].map((items) =>
    directivesNamed(items, name).at(-1),
  );
  const directive = found.find((each) => each !== undefined);
  return directive && argumentsOf(directive)[0];
};

/** Headers are inherited only by a location that sets none of its own (ngx_http_proxy_module). */
function headerFaults(server: Server, block: Location['block'], pass: Directive): readonly Finding[] {
  const levels = [block.children, server.block.children, server.around];
  const headers =
    levels.map((items) => directivesNamed(items, 'proxy_set_header')).find((each) => each.length > 0) ?? [];
  const header = (name: string): Directive | undefined =>
    headers.findLast((each) => argumentsOf(each)[0]?.toLowerCase() === name);
  const forwarded = header('x-forwarded-for');
  const value = forwarded ? (argumentsOf(forwarded)[1] ?? '') : '';
  return [
    ...(/\$\{?(proxy_add_x_forwarded_for|http_x_forwarded_for)\b/.test(value)
      ? [
          finding(server, forwarded ?? pass, 'forwarded-for-appended', {
            breaks:
              "A client's own X-Forwarded-For is believed: protection against password guessing sees a made-up address.",
            fix: 'Write proxy_set_header X-Forwarded-For $remote_addr;',
          }),
        ]
      : []),
    ...(header('x-forwarded-proto')
      ? []
      : [
          finding(server, pass, 'forwarded-proto-missing', {
            breaks:
              'Keycloak takes every request for plain HTTP: the issuer and the cookies are wrong, and logins are refused.',
            fix: 'Write proxy_set_header X-Forwarded-Proto https;',
          }),
        ]),
  ];
}
