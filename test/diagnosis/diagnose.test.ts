import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { diagnose, rules } from '../../src/diagnosis/diagnose.js';
import type { Answer, SiteFacts } from '../../src/diagnosis/facts.js';
import { symptomOf } from '../../src/diagnosis/symptom.js';
import { Unmet } from '../../src/dialects/unmet.js';
import { faults, longFaults } from '../support/faults.js';

const now = 1_800_000_000;
const issuer = 'https://meet.example.test/realms/jitsi-realm';
const good: Answer = { status: 200, said: 'HTTP 200 application/json', issuer, clockSeconds: now };

/** A site of which nothing is known that could be wrong. */
const site: SiteFacts = {
  job: {
    domain: 'meet.example.test',
    realm: 'jitsi-realm',
    client: 'jitsi',
    issuer,
    audience: 'account',
    username: 'alice',
    keycloak: { address: '127.0.0.1', port: 18080, base: 'http://127.0.0.1:18080' },
  },
  prosody: {
    state: 'active',
    startedAt: now,
    files: [],
    unlinked: null,
    log: [],
    journal: [],
    lua: { version: '5.4', missing: [] },
  },
  nginx: { state: 'active', startedAt: now, files: [], complaint: null, certificate: null },
  page: null,
  hasSsoPage: true,
  container: null,
  keycloak: {
    direct: good,
    site: good,
    keys: { ...good, newestKeyAt: now - 1000 },
    realm: null,
    client: null,
    user: null,
  },
  listening: [],
  clockSeconds: now,
};

const seen = (step: string, because: string, ...evidence: string[]) =>
  symptomOf(new Unmet(step, because, { evidence, next: '' }));

const refused = (said: string) => seen('Prosody', 'refuses the token', `/http-bind: not-allowed: ${said}`);

describe('a diagnosis', () => {
  it('is empty when no rule knows a reason', () => {
    assert.deepEqual(diagnose(seen('something new', 'went wrong'), site), []);
    assert.deepEqual(diagnose(refused("invalid 'iss' claim"), site), []);
  });

  it('finds two clocks that differ, and only where that explains what was seen', () => {
    const direct = { ...good, clockSeconds: now - 400 };
    const skewed = { ...site, keycloak: { ...site.keycloak, direct } };
    const [symptom, root] = diagnose(refused('Not acceptable by exp (100 sec since expired)'), skewed);
    assert.equal(symptom?.name, 'token-expired');
    assert.equal(root?.name, 'clock-skew');
    assert.match(root.what, /400 s behind/);
    assert.deepEqual(diagnose(seen('the login of "alice"', 'is refused', 'Account is disabled'), skewed), []);
  });

  it('bears a small difference of the clocks', () => {
    const direct = { ...good, clockSeconds: now + 20 };
    assert.deepEqual(
      diagnose(refused('Not acceptable by nbf'), { ...site, keycloak: { ...site.keycloak, direct } }),
      [],
    );
  });

  it('says first what does not run, then what is set wrong, and last what was not read again', () => {
    const text = `asap_accepted_issuers = { "http://meet.example.test/realms/jitsi-realm" }
VirtualHost "meet.example.test"
  authentication = "token"
`;
    const file = { path: '/etc/prosody/a.cfg.lua', source: Buffer.from(text), changedAt: now + 60 };
    const prosody = { ...site.prosody, files: [file] };
    const symptom = refused("invalid 'iss' claim");
    const wrong = diagnose(symptom, { ...site, prosody });
    assert.deepEqual(
      wrong.map(({ name, where }) => [name, where]),
      [
        ['issuer-refused', 'Prosody'],
        ['issuer-not-accepted', '/etc/prosody/a.cfg.lua:1'],
        ['issuer-scheme', '/etc/prosody/a.cfg.lua:1'],
      ],
    );
    const source = Buffer.from(text.replace('http:', 'https:'));
    const old = diagnose(symptom, { ...site, prosody: { ...prosody, files: [{ ...file, source }] } });
    assert.deepEqual(
      old.map(({ name }) => name),
      ['issuer-refused', 'not-restarted'],
    );
    const read = { ...prosody, startedAt: now + 61, files: [{ ...file, source }] };
    assert.deepEqual(diagnose(symptom, { ...site, prosody: read }), []);
  });

  it('shows nothing of a host that could steer a terminal', () => {
    const log = ["\x1b]52;c;ZXZpbA==\x07error\tUnable to load module 'auth_token'\u202e\r\nevil"];
    const causes = diagnose(seen('Prosody', 'offers no way to sign in'), {
      ...site,
      prosody: { ...site.prosody, log },
    });
    assert.equal(causes.at(-1)?.name, 'module-not-loaded');
    assert.doesNotMatch(causes.flatMap(({ what, where }) => [what, where]).join(''), /\p{C}/u);
  });

  it('has a name in kebab-case for every rule, and something that it explains', () => {
    for (const { name, explains } of rules) {
      assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      assert.notEqual(explains.length, 0, name);
    }
  });

  it('plants at least 25 faults, among them all of the recipe, and each by a rule that there is', () => {
    const all = [...faults, ...longFaults];
    const names = new Set(rules.map(({ name }) => name));
    assert.deepEqual(
      all.filter(({ cause }) => !names.has(cause)).map(({ cause }) => cause),
      [],
    );
    assert.ok(new Set(all.map(({ cause }) => cause)).size >= 25);
    assert.deepEqual(
      [...new Set(all.flatMap(({ recipe }) => recipe ?? []))].sort((a, b) => a - b),
      Array.from({ length: 18 }, (_, index) => index + 1),
    );
  });
});
