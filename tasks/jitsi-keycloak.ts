// Keycloak sign-in for Jitsi Meet: only people with an account open a room, guests may wait for them.
//
// Read it from top to bottom: that is the order of things. `host.task(name, kind, what, when)` adds one task.
// `after` names what must be done before it; `on` names the changes that a reload or restart waits for.
import * as o from 'orchestrate';
import { type Facts, factsOf } from './jitsi-facts.js';
import { type JitsiVars, jitsiVars } from './jitsi-vars.js';

type Host = o.GraphHost<JitsiVars>;

export default o.graph({
  name: 'jitsi-keycloak',
  vars: jitsiVars,
  build: ({ hosts, proof, beside }) => {
    for (const host of hosts) {
      const facts = factsOf(host.vars, beside);
      const ready = preflight(host, facts);
      const serving = facts.own === null ? ready : runKeycloak(host, { ...facts, own: facts.own }, ready);
      const accounts = fillKeycloak(host, facts, serving);
      const proxied = patchNginx(host, facts, accounts);
      const restarted = patchProsody(host, facts, proxied);
      const live = patchConfigJs(host, facts, restarted);
      proveSignIn(host, facts, { proof, after: live });
    }
  },
});

/** 1. Is everything there? Nothing is touched before all of this holds. `orchestrate doctor` asks just these. */
function preflight(host: Host, facts: Facts): readonly o.TaskRef[] {
  const { domain, own, vars } = facts;
  const first = { preflight: true, tags: ['preflight'] };
  const job = { domain, realm: vars.realm, client: vars.client };
  const jitsi = [
    host.task('jitsi', o.jitsiInstalled, { domain }, first),
    host.task('nginx', o.configValid, { of: 'nginx' }, first),
    host.task('prosody', o.configValid, { of: 'prosody' }, first),
    host.task('clock', o.hostClock, { nowMs: Date.now }, first),
    host.task(
      'files',
      o.siteLint,
      {
        job,
        prosody: hostEdits(facts),
        prosodyFolder: '/etc/prosody',
        nginx: siteEdits(facts),
        page: pageEdits(facts),
      },
      first,
    ),
  ];
  const keycloak =
    own === null
      ? []
      : [
          host.task('docker', o.dockerReady, {}, first),
          host.task(
            'memory',
            o.hostMemory,
            { neededBytes: own.server.memoryBytes, container: own.server.name },
            first,
          ),
          host.task(
            'disk',
            o.hostDisk,
            { neededBytes: 3e9, image: o.keycloakImage(own.server.version).tag },
            first,
          ),
          host.task('port', o.hostPort, { port: own.server.port, container: own.server.name }, first),
          host.task(
            'management-port',
            o.hostPort,
            { port: own.server.managementPort, container: own.server.name },
            first,
          ),
        ];
  const ready = [...jitsi, ...keycloak];
  const modules = ['basexx', 'cjson', 'inspect', 'openssl.pkey'];
  const lua = host.task(
    'token-plugin',
    o.luaModules,
    { modules, mend: vars.prosody.mendLua },
    { ...first, after: ready, tags: ['preflight', 'prosody'] },
  );
  return [...ready, lua];
}

/** 2, 3, 4. Keycloak's image, its container, and the wait until it is ready. */
function runKeycloak(
  host: Host,
  { own }: Facts & { own: NonNullable<Facts['own']> },
  ready: readonly o.TaskRef[],
): readonly o.TaskRef[] {
  const tags = ['keycloak'];
  const { server, imageArchive } = own;
  const { version } = server;
  const base = host.task('keycloak-base', o.dockerImage, o.keycloakBase(version, imageArchive), {
    after: ready,
    tags,
  });
  const image = host.task('keycloak', o.dockerImage, o.keycloakImage(version), { after: [base], tags });
  const volume = host.task('keycloak', o.dockerVolume, o.keycloakVolume, { after: ready, tags });
  const box = host.task('keycloak', o.dockerContainer, o.keycloakContainer(server), {
    after: [image, volume],
    tags,
  });
  const up = host.task('keycloak', o.httpHealthy, o.keycloakReady(server), {
    after: [box],
    withinMs: 300_000,
    tags,
  });
  // The admin's first password was in a file for the first start only.
  const wiped = host.task('first-password', o.dockerWipe, o.keycloakWipe(server), {
    on: [box],
    after: [up],
    tags,
  });
  return [up, wiped];
}

/** 5. The realm, the client that Jitsi's page signs in with, and the people. */
function fillKeycloak(
  host: Host,
  { domain, keycloak, own, vars }: Facts,
  serving: readonly o.TaskRef[],
): readonly o.TaskRef[] {
  const tags = ['keycloak', 'accounts'];
  const { realm, client } = vars;
  const itsRealm = host.task(
    realm,
    o.keycloakRealm,
    { server: keycloak, ...(own === null ? o.plainRealm(realm) : o.jitsiRealm({ domain, realm })) },
    { after: serving, tags },
  );
  const inRealm = { after: [itsRealm], tags };
  const itsClient = host.task(
    client,
    o.keycloakClient,
    { server: keycloak, ...o.jitsiClient({ domain, realm, client }) },
    inRealm,
  );
  const people = vars.users.map((user) =>
    host.task(user.username, o.keycloakUser, { server: keycloak, realm, ...o.jitsiUser(user) }, inRealm),
  );
  return [itsClient, ...people];
}

/** 6. nginx lets this realm's pages through to Keycloak, and nothing else of Keycloak. */
function patchNginx(host: Host, facts: Facts, accounts: readonly o.TaskRef[]): readonly o.TaskRef[] {
  const tags = ['nginx'];
  const patch = siteEdits(facts);
  const proxied = patch === null ? accounts : [openSite(host, patch, accounts)];
  return [host.task('keys', o.oidcKeys, { url: facts.keysUrl }, { after: proxied, tags })];
}

function openSite(host: Host, patch: o.FilePatch, after: readonly o.TaskRef[]): o.TaskRef {
  const tags = ['nginx'];
  const site = host.task('site', o.filePatch, patch, { after, tags });
  return host.task('nginx', o.serviceReload, { unit: 'nginx', gate: 'nginx' }, { on: [site], tags });
}

/** A Keycloak elsewhere needs no place in our nginx. */
function siteEdits(facts: Facts): o.FilePatch | null {
  const { own, nginxFile } = facts;
  if (own === null) return null;
  const edits = keycloakPages(facts, own.server.port);
  return { path: nginxFile, edit: { format: 'nginx', edits }, validator: 'nginx' };
}

/** An allow-list: the pages of this realm and their styles. Rooms whose names only begin like that stay rooms. */
function keycloakPages({ domain, vars }: Facts, port: number): readonly o.NginxEdit[] {
  const at = vars.nginx.behindProxy ? ({ domain, tls: 'any' } as const) : { server: domain };
  const notFound: readonly o.Statement[] = [['return', '404']];
  // The path in `proxy_pass` makes nginx send what it matched, not what the client wrote: `..%2f` ends here.
  const toKeycloak = (path: string): readonly o.Statement[] => [
    ['proxy_pass', `http://127.0.0.1:${port}${path}`],
    ['proxy_set_header', 'Host', o.variable('host')],
    ['proxy_set_header', 'X-Real-IP', o.variable('remote_addr')],
    ['proxy_set_header', 'X-Forwarded-For', o.variable('remote_addr')],
    ['proxy_set_header', 'X-Forwarded-Proto', 'https'],
    ['proxy_set_header', 'X-Forwarded-Host', o.variable('host')],
    ['proxy_set_header', 'X-Forwarded-Port', '443'],
    ['proxy_buffer_size', '128k'],
    ['proxy_buffers', '4', '256k'],
    ['proxy_busy_buffers_size', '256k'],
    ['ssi', 'off'],
  ];
  return [
    o.location('= /realms', notFound, at),
    o.location('^~ /realms/', notFound, at),
    o.location(`^~ /realms/${vars.realm}/`, toKeycloak(`/realms/${vars.realm}/`), at),
    // Without this, nginx would send the room "resources" on to Keycloak.
    o.location('= /resources', [['rewrite', '^', '/', 'last']], at),
    o.location('^~ /resources/', toKeycloak('/resources/'), at),
    o.location('= /admin', notFound, at),
    o.location('^~ /admin/', notFound, at),
    o.expectRoute(`/realms/${vars.realm}/protocol/openid-connect/auth`, `^~ /realms/${vars.realm}/`, at),
    o.expectRoute('/realms/master/', '^~ /realms/', at),
    o.expectRoute('/room', 'as-before', at),
    o.expectRoute('/realms-party', 'as-before', at),
    o.expectRoute('/http-bind', 'as-before', at),
    o.expectRoute('/xmpp-websocket', 'as-before', at),
  ];
}

/** 7. Prosody asks for a token, has a room for guests to wait in, and is restarted: a reload would leave it open. */
function patchProsody(host: Host, facts: Facts, before: readonly o.TaskRef[]): readonly o.TaskRef[] {
  const tags = ['prosody'];
  const hosts = host.task('hosts', o.filePatch, hostEdits(facts), { after: before, tags });
  const warning = 'restarting Prosody ends all running calls; how many people that is, is unknown';
  const service = { unit: 'prosody', gate: 'prosody', warning } as const;
  const restart = host.task('prosody', o.serviceRestart, service, { on: [hosts], tags });
  const offer = { host: facts.domain, mechanism: 'ANONYMOUS' };
  return [host.task('prosody', o.boshOffers, offer, { after: [restart], withinMs: 60_000, tags })];
}

function hostEdits({ domain, prosodyFile, issuer, keysUrl, vars }: Facts): o.FilePatch {
  const main = { host: domain };
  const edits = [
    o.prosody.setSeenBy(main, 'asap_accepted_issuers', [issuer]),
    o.prosody.setSeenBy(main, 'asap_accepted_audiences', ['account']),
    o.prosody.setSeenBy(main, 'asap_require_room_claim', false),
    o.prosody.set(main, 'authentication', 'token'),
    o.prosody.set(main, 'app_id', vars.client, { after: 'authentication' }),
    o.prosody.set(main, 'allow_empty_token', false, { after: 'app_id' }),
    o.prosody.set(main, 'cache_keys_url', keysUrl, { after: 'allow_empty_token' }),
    ...(vars.guests ? guestsMayWait(domain) : []),
  ];
  return { path: prosodyFile, edit: { format: 'prosody', edits }, validator: 'prosody' };
}

const guestsMayWait = (domain: string): readonly o.ProsodyEdit[] => [
  o.prosody.add({ host: domain }, 'modules_enabled', ['persistent_lobby']),
  o.prosody.virtualHost(`guest.${domain}`, {
    after: { host: domain },
    options: {
      authentication: 'jitsi-anonymous',
      c2s_require_encryption: false,
      modules_enabled: ['smacks'],
    },
  }),
  o.prosody.add({ muc: domain }, 'modules_enabled', ['muc_wait_for_host']),
];

/** 8. Last, when everything behind it works: config.js sends people to the sign-in. */
function patchConfigJs(host: Host, facts: Facts, before: readonly o.TaskRef[]): readonly o.TaskRef[] {
  return [host.task('web', o.filePatch, pageEdits(facts), { after: before, tags: ['config'] })];
}

function pageEdits({ domain, configFile, openid, vars }: Facts): o.FilePatch {
  const { client } = vars;
  const back = `https://${domain}/static`;
  const edits = [
    ...(vars.guests ? [o.jitsiConfig.set('hosts.anonymousdomain', `guest.${domain}`)] : []),
    o.jitsiConfig.set(
      'tokenAuthUrl',
      `https://${openid}/auth?client_id=${client}&response_type=code&scope=openid&state={state}` +
        `&redirect_uri=${back}/sso.html&code_challenge={code_challenge}&code_challenge_method=S256`,
    ),
    o.jitsiConfig.set(
      'tokenLogoutUrl',
      `https://${openid}/logout?client_id=${client}&post_logout_redirect_uri=${back}/logout.html`,
    ),
    o.jitsiConfig.set('tokenAuthUrlAutoRedirect', true),
    o.jitsiConfig.set('tokenAuthInline', true),
    o.jitsiConfig.set('sso', { ssoService: domain, tokenService: openid, clientId: client }),
  ];
  return { path: configFile, edit: { format: 'jitsi-config', edits } };
}

/** 9. It counts only when somebody really signs in, and when those who must not get in are refused. */
function proveSignIn(
  host: Host,
  facts: Facts,
  { proof, after }: { proof: o.ProofSection; after: readonly o.TaskRef[] },
): void {
  const { domain, issuer, keycloak, nginxFile, own, vars } = facts;
  const ports = own === null ? [] : [own.server.port, own.server.managementPort];
  host.task(
    'sign-in',
    o.jitsiSignIn,
    {
      domain,
      issuer,
      realm: vars.realm,
      client: vars.client,
      user: vars.users.find(({ username }) => username === proof.user) ?? null,
      keycloak: { server: keycloak, ports },
      tls: {
        ...(vars.nginx.behindProxy ? { address: domain } : { nginxFile }),
        ...(proof.caFile === undefined ? {} : { caFile: proof.caFile }),
      },
      ...(vars.guests ? {} : { guests: null }),
      ...(proof.outside === undefined ? {} : { outside: proof.outside }),
    },
    { after, tags: ['proof'] },
  );
}
