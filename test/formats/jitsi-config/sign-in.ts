import { jitsiConfig, type JitsiConfigEdit } from '../../../src/formats/jitsi-config/index.js';

/** The domain that {@link signIn} is for. */
export const signInDomain = 'meet.example.com';
const OPENID = `${signInDomain}/realms/jitsi-realm/protocol/openid-connect`;

/** The edits of the flagship. */
export const signIn: readonly (JitsiConfigEdit & { readonly is: 'set' })[] = [
  jitsiConfig.set('hosts.anonymousdomain', `guest.${signInDomain}`),
  jitsiConfig.set(
    'tokenAuthUrl',
    `https://${OPENID}/auth?client_id=jitsi&response_type=code&scope=openid&state={state}&redirect_uri=https://${signInDomain}/static/sso.html&code_challenge={code_challenge}&code_challenge_method=S256`,
  ),
  jitsiConfig.set(
    'tokenLogoutUrl',
    `https://${OPENID}/logout?post_logout_redirect_uri=https://${signInDomain}/static/logout.html`,
  ),
  jitsiConfig.set('tokenAuthUrlAutoRedirect', true),
  jitsiConfig.set('tokenAuthInline', true),
  jitsiConfig.set('sso', { ssoService: signInDomain, tokenService: OPENID, clientId: 'jitsi' }),
].filter((edit) => edit.is === 'set');

export const paths: readonly string[] = signIn.map(({ path }) => path);
