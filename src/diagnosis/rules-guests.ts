import { modulesOf, sectionIn, seenBy } from '../formats/prosody/view.js';
import { hostPlace } from './prosody-place.js';
import { lintRules, placeText, type Rule } from './rule.js';

const guestHost: Rule = {
  name: 'guest-host-missing',
  explains: ['guests-refused', 'guest-alone'],
  find(study) {
    const name = `guest.${study.job.domain}`;
    if (sectionIn(study.view, 'host', name).length > 0) return null;
    return {
      what: `no file of Prosody has a VirtualHost "${name}": guests have no host to come to`,
      where: hostPlace(study),
      fix: `add VirtualHost "${name}" with authentication = "jitsi-anonymous" after this one, then restart Prosody`,
    };
  },
};

const guestAuthentication: Rule = {
  name: 'guest-authentication',
  explains: ['guests-refused'],
  find({ view, job }) {
    const guests = sectionIn(view, 'host', `guest.${job.domain}`);
    const seen = seenBy(view, guests, 'authentication');
    const [first] = guests;
    if (first === undefined || seen?.value === 'jitsi-anonymous' || seen?.value === 'anonymous') return null;
    return {
      what: `\`authentication\` of the guests' host is ${typeof seen?.value === 'string' ? `"${seen.value}"` : 'not set'}: guests are asked for an account`,
      where: placeText(seen ?? first),
      fix: 'write authentication = "jitsi-anonymous" there, then restart Prosody',
    };
  },
};

const waitForHost: Rule = {
  name: 'wait-for-host-missing',
  explains: ['guest-alone'],
  find(study) {
    const { view } = study;
    const [first] = view.meetings;
    if (first === undefined || modulesOf(view, view.meetings).has('muc_wait_for_host')) return null;
    return {
      what: `the component of the meetings does not load muc_wait_for_host: a guest alone opens a room`,
      where: placeText(seenBy(view, view.meetings, 'modules_enabled') ?? first),
      fix: 'add "muc_wait_for_host" to its modules_enabled, then restart Prosody',
    };
  },
};

/** What keeps guests out, or lets them in alone. */
export const guestRules: readonly Rule[] = [
  guestHost,
  guestAuthentication,
  ...lintRules(
    'prosody',
    ['wait-for-host-incomplete', 'main-muc-not-here'],
    ['guest-alone', 'guest-not-admitted'],
  ),
  waitForHost,
];
