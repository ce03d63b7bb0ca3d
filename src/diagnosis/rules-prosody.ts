import { stringsOf } from '../formats/prosody/view.js';
import { own, whereOf } from './prosody-place.js';
import { lintRules, placeText, type Rule } from './rule.js';

const notToken: Rule = {
  name: 'authentication-not-token',
  explains: ['gate-open', 'gate-shut'],
  find(study) {
    const seen = own(study, 'authentication');
    if (seen?.value === 'token' || study.view.host.length === 0) return null;
    const value = typeof seen?.value === 'string' ? `"${seen.value}"` : 'not set';
    return {
      what: `\`authentication\` of VirtualHost "${study.job.domain}" is ${value}: nobody is asked for a token`,
      where: whereOf(study, seen),
      fix: 'write authentication = "token" there, then restart Prosody',
    };
  },
};

const emptyToken: Rule = {
  name: 'empty-token-allowed',
  explains: ['gate-open'],
  find(study) {
    const seen = own(study, 'allow_empty_token');
    if (seen?.value !== true) return null;
    return {
      what: '`allow_empty_token` is true: who brings no token is let in',
      where: placeText(seen),
      fix: 'write allow_empty_token = false there, then restart Prosody',
    };
  },
};

/** The issuers that are accepted are others than the one that the tokens bear. */
const issuer = (
  name: string,
  isThis: (accepted: string, announced: string) => boolean,
  why: string,
): Rule => ({
  name,
  explains: ['issuer-refused'],
  find(study) {
    const seen = own(study, 'asap_accepted_issuers');
    const accepted = stringsOf(seen);
    const announced = study.keycloak.site.issuer ?? study.keycloak.direct.issuer ?? study.job.issuer;
    if (seen === undefined || accepted.includes(announced)) return null;
    if (!accepted.some((one) => isThis(one, announced))) return null;
    return {
      what: `the realm announces ${announced}: ${why}`,
      where: placeText(seen),
      fix: `write asap_accepted_issuers = { "${announced}" } there, then restart Prosody`,
      via: [
        {
          name: 'issuer-not-accepted',
          what: `asap_accepted_issuers holds ${accepted.join(', ')}`,
          where: placeText(seen),
        },
      ],
    };
  },
});

const audiences: Rule = {
  name: 'audience-not-accepted',
  explains: ['audience-refused'],
  find(study) {
    const seen = own(study, 'asap_accepted_audiences');
    const accepted = stringsOf(seen);
    if (seen === undefined || accepted.includes('*') || accepted.includes(study.job.audience)) return null;
    return {
      what: `asap_accepted_audiences holds ${accepted.join(', ') || 'nothing'}, but tokens are for "${study.job.audience}"`,
      where: placeText(seen),
      fix: `write asap_accepted_audiences = { "${study.job.audience}" } there, then restart Prosody`,
    };
  },
};

/** What Prosody's files say about who may come in. */
export const gateRules: readonly Rule[] = [
  ...lintRules('prosody', ['switched-off'], ['prosody-away', 'gate-shut', 'room-shut', 'guest-alone']),
  ...lintRules('prosody', ['token-without-app-id', 'token-without-keys'], ['gate-shut']),
  ...lintRules(
    'prosody',
    ['second-authentication', 'host-twice', 'host-in-two-files'],
    ['gate-open', 'gate-shut', 'guests-refused'],
  ),
  notToken,
  emptyToken,
  ...lintRules(
    'prosody',
    ['asap-in-wrong-section'],
    ['issuer-refused', 'audience-refused', 'token-refused', 'token-unanswered'],
  ),
  issuer(
    'issuer-scheme',
    (accepted, announced) => accepted.replace(/^http:/, 'https:') === announced,
    'they are compared letter by letter, and http is not https',
  ),
  issuer(
    'issuer-trailing-slash',
    (accepted, announced) => accepted.replace(/\/+$/, '') === announced,
    'they are compared letter by letter, and it has no slash at its end',
  ),
  issuer('issuer-differs', () => true, 'they are compared letter by letter'),
  audiences,
  ...lintRules('prosody', ['room-claim-required'], ['token-refused']),
  ...lintRules('prosody', ['duplicate-option'], ['gate-shut', 'gate-open', 'guests-refused', 'guest-alone']),
];
