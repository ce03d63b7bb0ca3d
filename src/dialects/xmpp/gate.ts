import { Unmet } from '../unmet.js';
import type { SignInReply } from './sasl.js';

/** What Jitsi's token plugin says of a token that it does not like, and what to do about it. */
const remedies: readonly (readonly [said: RegExp, next: string])[] = [
  [/'iss'/, 'make asap_accepted_issuers the issuer that Keycloak announces, before the first VirtualHost'],
  [/'aud'/, 'make asap_accepted_audiences { "account" }, before the first VirtualHost'],
  [/room claim/, 'set asap_require_room_claim = false, before the first VirtualHost'],
  [/token required/, 'let nginx pass the query of the address on to Prosody'],
  [/expired|'exp'|'nbf'|not yet valid/i, 'set the clocks of the host and of Keycloak right'],
  [/typ\b/, 'let the client make access tokens without the RFC 9068 header type'],
  [/public key|signature/i, 'let cache_keys_url name the keys of this realm, then restart Prosody'],
];

const restart =
  'restart Prosody: a reload does not change how a host authenticates; then look at allow_empty_token';

/** @throws Unmet when somebody got in who must not. No answer keeps them out as well. */
export function expectRefused(reply: SignInReply, bringing: string, way: string): void {
  expectOpen(reply, 'Prosody');
  if (reply.login !== 'success') return;
  throw new Unmet('Prosody', `lets people in who bring ${bringing}`, {
    evidence: [`${way}: success`],
    next: restart,
  });
}

/** @throws Unmet when the token of a real login was not taken */
export function expectAccepted(reply: SignInReply, way: string): void {
  expectOpen(reply, 'Prosody');
  if (reply.login === 'success') return;
  const said = reply.login === null ? null : reply.login.text;
  const next =
    said === null
      ? 'look whether cache_keys_url can be reached from the host: Prosody does not know the key, and then never answers'
      : (remedies.find(([pattern]) => pattern.test(said))?.[1] ?? "read Prosody's log: it names the reason");
  throw new Unmet('Prosody', said === null ? 'does not answer to the token' : 'refuses the token', {
    evidence: wordsOf(reply, way),
    next,
  });
}

/** @throws Unmet when a guest cannot come in without a token */
export function expectGuest(reply: SignInReply, host: string, way: string): void {
  expectOpen(reply, `the guest host "${host}"`);
  if (reply.login === 'success') return;
  const next = `set authentication = "jitsi-anonymous" in VirtualHost "${host}", then restart Prosody`;
  throw new Unmet(`the guest host "${host}"`, 'lets no guest in', { evidence: wordsOf(reply, way), next });
}

function expectOpen(reply: SignInReply, who: string): void {
  if (reply.ended !== null && reply.login === null) {
    const next =
      'look whether the VirtualHost is in the configuration, then restart Prosody: a reload adds no host';
    throw new Unmet(who, 'ends the session at once', { evidence: [`condition: ${reply.ended}`], next });
  }
  if (reply.mechanisms.includes('ANONYMOUS')) return;
  throw new Unmet(who, 'offers no way to sign in', {
    evidence: [`mechanisms: ${reply.mechanisms.join(', ') || '(none)'}`],
    next: "read Prosody's log: the authentication module did not load, often because of a missing Lua module",
  });
}

function wordsOf({ login }: SignInReply, way: string): readonly string[] {
  if (login === null) return [`${way}: no answer within the waiting time`];
  const said = login === 'success' ? 'success' : `${login.condition}: ${login.text || '(no reason given)'}`;
  return [`${way}: ${said}`];
}
