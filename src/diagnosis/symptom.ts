import type { Unmet } from '../dialects/unmet.js';

/** What was seen, by name. Each stands for one way in which a step of the proof can go wrong. */
export type SymptomName = (typeof table)[number][0] | 'unknown';

/** A step of the proof that did not come out as it must. */
export interface Symptom {
  readonly name: SymptomName;
  /** As a user would name it: `the login page`. */
  readonly step: string;
  /** One sentence. */
  readonly what: string;
  /** What the host said. */
  readonly evidence: readonly string[];
}

/** By what the proof says of a step and of what it saw there; the first that fits counts. */
const table = [
  ['no-answer', /gets no answer/],
  ['other-issuer', /announces another issuer|leads away from its issuer/],
  ['discovery-missing', /^(?:from outside, )?the discovery document is not there/],
  ['page-not-served', /config\.js is not served/],
  ['page-without-sign-in', /config\.js does not send people/],
  ['page-sends-elsewhere', /config\.js sends people to another/],
  ['sso-page-missing', /sso\.html is not there|sso\.html is of a version/],
  ['sso-page-empty', /sso\.html has no configuration/],
  ['unstyled', /the login page has no style/],
  ['password-elsewhere', /would send the password to another address/],
  ['login-page-missing', /the login page has no form/],
  ['login-refused', /the login of .* is refused/],
  ['login-unfinished', /stops at one more question/],
  ['way-back-fails', /the way back from the login/],
  ['browser-refuses', /Access-Control-Allow-Origin/],
  ['audience-differs', /is not for the one audience/],
  ['token-kind', /is of a kind that Prosody refuses/],
  ['token-invalid', /token does not hold|is not for this login/],
  ['no-tokens', /the exchange of the code/],
  ['gate-open', /Prosody lets people in who bring/],
  ['issuer-refused', /Prosody refuses the token[^]*'iss'/],
  ['audience-refused', /Prosody refuses the token[^]*'aud'/],
  ['token-expired', /Prosody refuses the token[^]*(?:\bexp\b|\bnbf\b|expired)/],
  ['token-refused', /Prosody refuses the token/],
  ['token-unanswered', /Prosody does not answer to the token/],
  ['guests-refused', /the guest host "|lets nobody in to guest\./],
  ['gate-shut', /Prosody (?:offers no way|ends the session)|lets nobody in to/],
  ['prosody-away', /(?:\/http-bind|\/xmpp-websocket) does not lead to Prosody/],
  ['guest-not-admitted', /does not let the guest in/],
  ['guest-alone', /opens to a guest alone|does not answer a guest/],
  ['room-shut', /the room does not let in/],
  ['exposed', /of Keycloak can be reached by everybody/],
  ['port-open', /^port \d+ of Keycloak/],
  ['address-believed', /believes a client's own X-Forwarded-For/],
  ['sign-out-fails', /the sign-out/],
] as const;

/** Names what a proof saw. */
export function symptomOf({ step, message, evidence }: Unmet): Symptom {
  const seen = [message, ...evidence].join('\n');
  const name = table.find(([, pattern]) => pattern.test(seen))?.[0] ?? 'unknown';
  return { name, step, what: message, evidence };
}
