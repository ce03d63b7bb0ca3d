import { X509Certificate } from 'node:crypto';
import { argumentsOf, directivesNamed, parseNginx, serversIn } from '../formats/nginx/index.js';
import { Refused } from '../formats/outcome.js';
import { positionAt } from '../formats/source.js';
import { changedSince } from './not-restarted.js';
import { lintRules, type Root, type Rule } from './rule.js';
import type { Study } from './study.js';
import type { SymptomName } from './symptom.js';

/** What people see when the pages of the realm do not come from Keycloak. */
const astray: readonly SymptomName[] = ['discovery-missing', 'login-page-missing', 'no-tokens', 'no-answer'];

/** What else is seen when only some requests go astray. */
const nowAndThen: readonly SymptomName[] = [
  ...(['unstyled', 'other-issuer', 'login-refused', 'login-unfinished'] as const),
  ...(['way-back-fails', 'sign-out-fails', 'token-invalid', 'unknown'] as const),
];

const loginPath = ({ job }: Study): string =>
  `/realms/${encodeURIComponent(job.realm)}/protocol/openid-connect/auth`;

const stopped: Rule = {
  name: 'nginx-stopped',
  explains: ['no-answer'],
  find: ({ nginx }) => {
    if (nginx.state === null || nginx.state === 'active') return null;
    const place = /(\/[^\s:]+):(\d+)/.exec(nginx.complaint ?? '');
    return {
      what: `nginx does not run (${nginx.state})${nginx.complaint === null ? '' : `: ${nginx.complaint}`}`,
      where: place === null ? 'service nginx' : `${place[1] ?? ''}:${place[2] ?? ''}`,
      fix: 'mend what `nginx -t` names, then `systemctl start nginx`',
    };
  },
};

/** The certificate that nginx's file names: is it good, and for this name? */
const certificate = (
  name: string,
  judge: (certificate: X509Certificate, study: Study) => string | null,
  fix: string,
): Rule => ({
  name,
  explains: ['no-answer'],
  find(study) {
    const { certificate: file } = study.nginx;
    if (file === null) return null;
    try {
      const what = judge(new X509Certificate(file.source), study);
      return what === null ? null : { what, where: file.path, fix };
    } catch {
      return null;
    }
  },
});

const certificates: readonly Rule[] = [
  certificate(
    'certificate-expired',
    ({ validTo }, { clockSeconds }) =>
      Date.parse(validTo) < (clockSeconds ?? Infinity) * 1000 && clockSeconds !== null
        ? `the certificate of the site has been over since ${validTo}: no browser and no client accepts it`
        : null,
    'renew it (`certbot renew`), then reload nginx',
  ),
  certificate(
    'certificate-for-another-name',
    (cert, { job }) =>
      cert.checkHost(job.domain) === undefined
        ? `the certificate is not for ${job.domain} but for ${cert.subjectAltName ?? cert.subject}`
        : null,
    'have one made for this name, and name it as ssl_certificate of the site',
  ),
];

/** A location for Keycloak that stands in a server which does not answer for the site over TLS. */
const wrongServer: Rule = {
  name: 'location-in-wrong-server',
  explains: astray,
  find(study): Root | null {
    const { server, nginx } = study;
    if (server === null || proxied(study)) return null;
    for (const file of nginx.files) {
      const line = realmsLineBeside(file, server);
      if (line === null) continue;
      return {
        what: `the location for Keycloak stands in a server that does not answer for ${study.job.domain} over TLS`,
        where: `${file.path}:${line}`,
        fix: `move it into the server with \`listen 443 ssl\` and \`server_name ${study.job.domain}\`, then reload nginx`,
      };
    }
    return null;
  },
};

function realmsLineBeside(
  { path, source }: { readonly path: string; readonly source: Uint8Array },
  own: NonNullable<Study['server']>,
): number | null {
  try {
    const tree = parseNginx(source);
    for (const other of serversIn(tree)) {
      if (path === own.path && other.block.start === own.server.block.start) continue;
      const found = other.locations.all.find(
        ({ match, block }) =>
          match.name.startsWith('/realms') && directivesNamed(block.children, 'proxy_pass').length > 0,
      );
      if (found !== undefined) return positionAt(tree.text, found.block.start).line;
    }
    return null;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** Where nginx sends the login page, when a location proxies it. */
function proxied(study: Study): { readonly target: string; readonly where: string } | null {
  const { server } = study;
  const answer = server?.answer(loginPath(study));
  if (server === null || answer?.is !== 'location') return null;
  const pass = directivesNamed(answer.location.block.children, 'proxy_pass').at(-1);
  const target = pass === undefined ? undefined : argumentsOf(pass)[0];
  if (pass === undefined || target === undefined) return null;
  const { line } = positionAt(server.server.tree.text, pass.start);
  return { target, where: `${server.path}:${line}` };
}

const notProxied: Rule = {
  name: 'realm-not-proxied',
  explains: astray,
  find(study) {
    const { server } = study;
    if (server === null || proxied(study) !== null) return null;
    const answer = server.answer(loginPath(study));
    if (answer.is === 'cannot-tell') return null;
    const { line } =
      'at' in answer ? answer.at : positionAt(server.server.tree.text, server.server.block.start);
    return {
      what: `nginx does not pass /realms/${study.job.realm}/ to Keycloak${'match' in answer ? `: location ${answer.match} answers` : ''}`,
      where: `${server.path}:${line}`,
      fix: `add location ^~ /realms/${study.job.realm}/ with proxy_pass to Keycloak in this server, then reload nginx`,
    };
  },
};

const wrongTarget: Rule = {
  name: 'proxy-to-wrong-address',
  explains: astray,
  find(study) {
    const found = proxied(study);
    const { keycloak } = study.job;
    if (found === null || keycloak === null || study.keycloak.direct.status !== 200) return null;
    const target = /^https?:\/\/([^/$]+)/.exec(found.target)?.[1];
    if (target === undefined || sameAddress(target, keycloak)) return null;
    return {
      what: `nginx passes the realm to ${target}, but Keycloak answers at ${keycloak.base}`,
      where: found.where,
      fix: `write proxy_pass ${keycloak.base}${found.target.replace(/^https?:\/\/[^/]+/, '')}; there, then reload nginx`,
    };
  },
};

/** Names for the loopback are the business of another rule. */
function sameAddress(target: string, { address, port }: { address: string; port: number }): boolean {
  const [host = '', ofPort = '80'] = target.split(':');
  return Number(ofPort) === port && (host === address || host === 'localhost');
}

const ssiOff: Rule = {
  name: 'ssi-off',
  explains: ['sso-page-empty'],
  find({ server, page }) {
    if (server === null) return null;
    const { tree, block } = server.server;
    const setting = directivesNamed(block.children, 'ssi').at(-1);
    const line = positionAt(tree.text, setting?.start ?? block.start).line;
    return {
      what: `nginx does not put ${page?.path ?? 'config.js'} into the pages of Jitsi: server-side includes are off`,
      where: `${server.path}:${line}`,
      fix: 'write `ssi on;` and `ssi_types application/x-javascript application/javascript;` in this server, then reload nginx',
    };
  },
};

/** The workers run with what the files said before. */
const notReloaded: Rule = {
  name: 'nginx-not-reloaded',
  explains: [
    ...astray,
    ...(['unstyled', 'exposed', 'address-believed', 'prosody-away', 'page-not-served'] as const),
    ...(['sso-page-missing', 'sso-page-empty', 'other-issuer', 'password-elsewhere'] as const),
  ],
  find({ nginx }) {
    const certificate = nginx.certificate === null ? [] : [nginx.certificate];
    const changed = changedSince(nginx, [...nginx.files, ...certificate]);
    if (changed === null) return null;
    return {
      what: `nginx last read its configuration ${changed.afterSeconds} s before this file was changed`,
      where: `${changed.path}:1`,
      fix: 'run `nginx -t`, then `systemctl reload nginx`',
    };
  },
};

/** What nginx's files say, and last that it has not read them. */
export const nginxRules: readonly Rule[] = [
  stopped,
  ...certificates,
  ...lintRules('nginx', ['realms-behind-regex'], [...astray, 'exposed']),
  ...lintRules('nginx', ['syntax', 'several-servers'], astray),
  ...lintRules('nginx', ['resources-missing'], ['unstyled']),
  ...lintRules('nginx', ['master-realm-public', 'admin-console-public', 'raw-path-proxied'], ['exposed']),
  ...lintRules('nginx', ['forwarded-for-appended'], ['address-believed']),
  ...lintRules('nginx', ['forwarded-proto-missing'], ['other-issuer', 'password-elsewhere', 'login-refused']),
  wrongServer,
  notProxied,
  wrongTarget,
  ...lintRules('nginx', ['proxy-to-localhost'], [...astray, ...nowAndThen]),
  ssiOff,
  notReloaded,
];
