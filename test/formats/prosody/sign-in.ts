import { type ProsodyEdit, prosody } from '../../../src/formats/prosody/edit.js';

/** What the sign-in of a Jitsi Meet server asks of its Prosody file. */
export interface SignIn {
  readonly domain: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly jwksUrl: string;
  /** Whether guests wait for somebody who has signed in. */
  readonly guests: boolean;
  /** Whether the MUC component is in this file. */
  readonly muc: boolean;
}

/** The sign-in of a domain with the values that it usually has. */
export const signInOf = (domain: string, realm = 'jitsi-realm'): SignIn => ({
  domain,
  issuer: `https://${domain}/realms/${realm}`,
  clientId: 'jitsi',
  jwksUrl: `http://127.0.0.1:18080/realms/${realm}/protocol/openid-connect/certs`,
  guests: true,
  muc: true,
});

/** The edits that a sign-in makes, in the order of the published recipe. */
export function signInEdits(signIn: SignIn): ProsodyEdit[] {
  const host = { host: signIn.domain };
  return [
    prosody.setSeenBy(host, 'asap_accepted_issuers', [signIn.issuer]),
    prosody.setSeenBy(host, 'asap_accepted_audiences', ['account']),
    prosody.setSeenBy(host, 'asap_require_room_claim', false),
    prosody.set(host, 'authentication', 'token'),
    prosody.set(host, 'app_id', signIn.clientId, { after: 'authentication' }),
    prosody.set(host, 'allow_empty_token', false, { after: 'app_id' }),
    prosody.set(host, 'cache_keys_url', signIn.jwksUrl, { after: 'allow_empty_token' }),
    ...(signIn.guests ? guestEdits(signIn) : []),
  ];
}

function guestEdits({ domain, muc }: SignIn): ProsodyEdit[] {
  const host = { host: domain };
  const guest = {
    after: host,
    options: {
      authentication: 'jitsi-anonymous',
      c2s_require_encryption: false,
      modules_enabled: ['smacks'],
    },
  };
  return [
    prosody.add(host, 'modules_enabled', ['persistent_lobby']),
    prosody.virtualHost(`guest.${domain}`, guest),
    ...(muc ? [prosody.add({ muc: domain }, 'modules_enabled', ['muc_wait_for_host'])] : []),
  ];
}
