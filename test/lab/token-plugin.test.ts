import assert from 'node:assert/strict';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { after, before, describe, it } from 'mocha';
import { alterations, awaitBosh } from './alterations.js';
import { openBosh } from './bosh.js';
import { type Host, must, startHost } from './host.js';
import { readJitsiSource } from './jitsi-source.js';
import { askFocus, join } from './room.js';
import { openWebSocket } from './websocket.js';
import type { SignIn, XmppSession } from './xmpp.js';

const domain = 'meet.example.test';
const issuer = `https://${domain}/realms/jitsi-realm`;
const jwksUrl = 'http://127.0.0.1:18080/realms/jitsi-realm/protocol/openid-connect/certs';
const rsa = await generateKeyPair('RS256', { extractable: true });
const otherRsa = await generateKeyPair('RS256');
const elliptic = await generateKeyPair('ES256');
const { note } = await readJitsiSource();

interface Signing {
  readonly alg?: string;
  readonly kid?: string | undefined;
  readonly typ?: string;
  readonly key?: Key;
}

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

type Claims = { readonly [Name in keyof JWTPayload]: JWTPayload[Name] | undefined };

/** Signs what Keycloak would, with some of it changed; what is `undefined` is left out. */
function sign(claims: Claims, { key = rsa.privateKey, ...header }: Signing = {}): Promise<string> {
  const now = inSeconds(0);
  const all = { iss: issuer, aud: 'account', sub: 'f0e1', iat: now, exp: now + 300, ...claims } as JWTPayload;
  const head = { alg: 'RS256', kid: 'lab', typ: 'JWT', ...header } as JWTHeaderParameters;
  return new SignJWT(all).setProtectedHeader(head).sign(key);
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A token without a signature, which jose rightly does not make with a key id. */
async function unsigned(): Promise<string> {
  const body = (await sign({})).split('.')[1];
  const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'lab', typ: 'JWT' })).toString('base64url');
  return `${header}.${body}.`;
}

/** What an admin does by hand after the handbook's page, with Keycloak's keys served by the host's own nginx. */
function signInByToken(jwks: string): string {
  return `
    mkdir -p /srv/jwks
    cat > /srv/jwks/certs <<'JWKS'
${jwks}
JWKS
    cat > /etc/nginx/conf.d/jwks.conf <<'CONF'
    server {
      listen 127.0.0.1:18080;
      access_log /var/log/nginx/jwks.log;
      location = ${new URL(jwksUrl).pathname} { default_type application/json; alias /srv/jwks/certs; }
    }
CONF
    systemctl reload nginx
    file=$(readlink -f /etc/prosody/conf.d/${domain}.cfg.lua)
    sed -i '0,/authentication = "jitsi-anonymous"/s|authentication = "jitsi-anonymous"|authentication = "token"; app_id = "jitsi"; allow_empty_token = false; cache_keys_url = "${jwksUrl}"|' "$file"
    sed -i '0,/"muc_lobby_rooms";/s//"muc_lobby_rooms"; "persistent_lobby";/' "$file"
    sed -i '0,/"muc_meeting_id";/s//"muc_meeting_id"; "muc_wait_for_host";/' "$file"
    sed -i '1i asap_accepted_issuers = { "${issuer}" }; asap_accepted_audiences = { "account" }; asap_require_room_claim = false' "$file"
    cat >> "$file" <<'LUA'
VirtualHost "guest.${domain}"
    authentication = "jitsi-anonymous"
    c2s_require_encryption = false
    modules_enabled = { "smacks" }
LUA
    systemctl restart prosody
    ${awaitBosh}`;
}

describe(`a host where one signs in by token (${note})`, () => {
  let host: Host;

  before(async function () {
    this.timeout(600_000);
    host = await startHost({ domain });
    const jwk = { ...(await exportJWK(rsa.publicKey)), kid: 'lab', alg: 'RS256', use: 'sig' };
    await must(host, signInByToken(JSON.stringify({ keys: [jwk] })));
  });

  after(async function () {
    this.timeout(60_000);
    await host.dispose();
  });

  async function signIn(token?: string, to = domain): Promise<SignIn> {
    await using session = await openBosh(host, to, token);
    return await session.signIn();
  }

  it('offers nothing on Debian 12, because the plugin does not load, while Prosody looks healthy', async () => {
    assert.deepEqual((await openBosh(host, domain)).mechanisms, []);
    assert.equal((await must(host, 'systemctl is-active prosody')).trim(), 'active');
    assert.match(await must(host, 'cat /var/log/prosody/prosody.log'), /module 'basexx' not found/);
  }).timeout(20_000);

  it('loads the plugin and fetches the keys once the modules are linked for Lua 5.4', async () => {
    await must(host, alterations['lua-mended']);
    await must(host, 'until grep --quiet "certs.* 200 " /var/log/nginx/jwks.log; do sleep 0.1; done');
    assert.deepEqual((await openBosh(host, domain)).mechanisms, ['ANONYMOUS']);
  }).timeout(40_000);

  const refused = (text: string): SignIn => ({ is: 'refused', condition: 'not-allowed', text });
  const table: readonly (readonly [string, () => Promise<string | undefined>, SignIn])[] = [
    ['lets a correct token in', () => sign({}), { is: 'accepted' }],
    ['refuses no token', () => Promise.resolve(undefined), refused('token required')],
    [
      'refuses an issuer over http',
      () => sign({ iss: issuer.replace('https', 'http') }),
      refused("invalid 'iss' claim"),
    ],
    [
      'refuses an issuer with a slash at its end',
      () => sign({ iss: `${issuer}/` }),
      refused("invalid 'iss' claim"),
    ],
    ['refuses a list of one audience', () => sign({ aud: ['account'] }), refused("invalid 'aud' claim")],
    ['refuses two audiences', () => sign({ aud: ['account', 'x'] }), refused("invalid 'aud' claim")],
    ['refuses no audience', () => sign({ aud: undefined }), refused("'aud' claim is missing")],
    ['refuses an ID token', () => sign({ aud: 'jitsi' }), refused("invalid 'aud' claim")],
    ['refuses the type at+jwt', () => sign({}, { typ: 'at+jwt' }), refused('Invalid typ')],
    ['refuses a token of tomorrow', () => sign({ nbf: inSeconds(30) }), refused('Not acceptable by nbf')],
    [
      'refuses ES256',
      () => sign({}, { alg: 'ES256', key: elliptic.privateKey }),
      refused("'kid' claim only support with RS family"),
    ],
    ['refuses an unsigned token', unsigned, refused("'kid' claim only support with RS family")],
    [
      'refuses another key of the same id',
      () => sign({}, { key: otherRsa.privateKey }),
      refused('Invalid signature'),
    ],
    [
      'refuses a token without a key id',
      () => sign({}, { kid: undefined }),
      refused("'kid' claim is missing"),
    ],
    ['never answers to an unknown key id', () => sign({}, { kid: 'rotated' }), { is: 'silent' }],
  ];

  for (const [name, token, expected] of table) {
    it(name, async () => {
      assert.deepEqual(await signIn(await token()), expected);
    }).timeout(20_000);
  }

  it('refuses an expired token and says for how long', async () => {
    const outcome = await signIn(await sign({ exp: inSeconds(-5) }));
    assert.equal(outcome.is, 'refused');
    assert.match(outcome.text, /^Not acceptable by exp \([\d.]+ sec since expired, valid for:[-\d.]+ sec\)$/);
  }).timeout(20_000);

  it('lets a guest into the guest host without a token', async () => {
    assert.deepEqual(await signIn(undefined, `guest.${domain}`), { is: 'accepted' });
  }).timeout(20_000);

  /** Prosody's own list of the open rooms. */
  const rooms = `prosodyctl shell 'muc:list("conference.${domain}")'`;
  const ways = [
    ['BOSH', openBosh],
    ['a WebSocket', openWebSocket],
  ] as const;

  for (const [name, open] of ways) {
    const room = { domain, name: `room-${name.at(-1)}`.toLowerCase() };
    const enter = async (to: string, token?: string): Promise<XmppSession> => {
      const session = await open(host, to, token);
      assert.deepEqual(await session.signIn(), { is: 'accepted' });
      await session.bind();
      return session;
    };
    const focus = { ready: true, focus: `focus-stand-in@auth.${domain}` };

    it(`opens no room for who does not ask the focus, over ${name}`, async () => {
      await using user = await enter(domain, await sign({}));
      assert.deepEqual(await join(user, room, 'alice'), { is: 'refused', condition: 'not-allowed' });
    }).timeout(20_000);

    it(`lets guests into a room only after somebody with a token, over ${name}`, async () => {
      await using guest = await enter(`guest.${domain}`);
      assert.deepEqual(await askFocus(guest, room), focus);
      assert.deepEqual(await join(guest, room, 'guest'), {
        is: 'refused',
        condition: 'registration-required',
      });
      await using user = await enter(domain, await sign({}));
      assert.deepEqual(await askFocus(user, room), focus);
      assert.deepEqual(await join(user, room, 'alice'), { is: 'in' });
      assert.deepEqual(await join(guest, room, 'guest'), { is: 'in' });
      assert.match(await must(host, rooms), /^OK: 1 rooms$/m);
    }).timeout(40_000);

    it(`leaves no room behind when all have left, over ${name}`, async () => {
      await must(host, `until ${rooms} | grep --quiet '^OK: 0 rooms'; do sleep 0.1; done`);
    }).timeout(20_000);
  }

  it('leaves no room behind when a guest has waited in vain', async () => {
    {
      await using guest = await openBosh(host, `guest.${domain}`);
      await guest.signIn();
      await guest.bind();
      await askFocus(guest, { domain, name: 'in-vain' });
      const entry = await join(guest, { domain, name: 'in-vain' }, 'guest');
      assert.deepEqual(entry, { is: 'refused', condition: 'registration-required' });
    }
    assert.match(await must(host, rooms), /^OK: 1 rooms$/m);
    await must(host, `until ${rooms} | grep --quiet '^OK: 0 rooms'; do sleep 0.5; done`);
  }).timeout(40_000);
});
