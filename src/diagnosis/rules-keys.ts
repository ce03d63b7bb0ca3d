import { seenBy, stringsOf } from '../formats/prosody/view.js';
import { prosodyLog } from './prosody-place.js';
import { lastLine, lintRules, placeText, type Root, type Rule } from './rule.js';
import type { Study } from './study.js';

interface KeysUrl {
  readonly address: string;
  readonly where: string;
}

/** Where Prosody's file says that the keys are. */
function keysUrl({ view }: Study): KeysUrl | null {
  const seen = seenBy(view, view.host, 'cache_keys_url');
  const [address] = stringsOf(seen);
  return seen === undefined || address === undefined ? null : { address, where: placeText(seen) };
}

/** Mended by the address that cannot fail for want of a certificate, a name or a way. */
function nearAddress(study: Study, { where }: KeysUrl): Omit<Root, 'what'> {
  const { keycloak, realm } = study.job;
  const near = `${keycloak?.base ?? 'http://127.0.0.1:18080'}/realms/${realm}/protocol/openid-connect/certs`;
  return { where, fix: `write cache_keys_url = "${near}" there, then restart Prosody`, via: viaLog(study) };
}

const failedFetch = /Failed to retrieve cached public keys/;

/** Prosody does not have the key that a token is signed with: then it never answers. */
export const keysRules: readonly Rule[] = [
  ...lintRules(
    'prosody',
    ['keys-url-localhost', 'realm-differs', 'token-without-keys'],
    ['token-unanswered', 'token-refused'],
  ),
  {
    name: 'keys-url-untrusted',
    explains: ['token-unanswered'],
    find(study) {
      const url = keysUrl(study);
      const { status, said } = study.keycloak.keys;
      if (url === null || status !== null || !/certificate|self.signed|altname/i.test(said)) return null;
      return {
        what: `Prosody fetches the keys over TLS and does not trust the certificate there: ${said}`,
        ...nearAddress(study, url),
      };
    },
  },
  {
    name: 'keys-url-unreachable',
    explains: ['token-unanswered'],
    find(study) {
      const url = keysUrl(study);
      const { status, said } = study.keycloak.keys;
      if (url === null || status === 200) return null;
      return {
        what: `the keys cannot be had from the host at ${url.address}: ${said}`,
        ...nearAddress(study, url),
      };
    },
  },
  {
    name: 'keys-fetched-too-early',
    explains: ['token-unanswered'],
    find(study) {
      const url = keysUrl(study);
      if (url === null || lastLine(study.prosody.log, failedFetch) === undefined) return null;
      return {
        what: 'Prosody was started before the keys could be fetched; they can be by now, but it has not tried again',
        where: url.where,
        fix: 'restart Prosody (`systemctl restart prosody`) after Keycloak is ready and nginx is reloaded',
        via: viaLog(study),
      };
    },
  },
  {
    name: 'key-rotated',
    explains: ['token-unanswered'],
    find({ keycloak, prosody, job }) {
      const { newestKeyAt } = keycloak.keys;
      if (newestKeyAt === null || prosody.startedAt === null || newestKeyAt <= prosody.startedAt) return null;
      return {
        what: 'the realm signs with a key that is younger than this run of Prosody, which asks for keys every six hours only',
        where: `Keycloak: realm ${job.realm}, field keys`,
        fix: 'restart Prosody (`systemctl restart prosody`) after a change of keys',
      };
    },
  },
];

function viaLog({ prosody }: Study): readonly { name: string; what: string; where: string }[] {
  const line = lastLine(prosody.log, failedFetch);
  return line === undefined
    ? []
    : [{ name: 'keys-not-loaded', what: `Prosody has no keys: ${line}`, where: prosodyLog }];
}
