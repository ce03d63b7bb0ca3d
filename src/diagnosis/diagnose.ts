import { printableProse } from '../lib/printable.js';
import type { Cause } from '../model/failure.js';
import type { SiteFacts } from './facts.js';
import { clockRules } from './rules-clock.js';
import { containerRules } from './rules-container.js';
import { clientRules } from './rules-client.js';
import { realmRules } from './rules-realm.js';
import { tokenRules } from './rules-token.js';
import { userRules } from './rules-user.js';
import { nginxRules } from './rules-nginx.js';
import { pageRules } from './rules-page.js';
import { guestRules } from './rules-guests.js';
import { gateRules } from './rules-prosody.js';
import { prosodyLoadRules, prosodyStoppedRules } from './rules-prosody-service.js';
import { notRestarted } from './not-restarted.js';
import { keysRules } from './rules-keys.js';
import type { Rule } from './rule.js';
import { studyOf } from './study.js';
import type { Symptom } from './symptom.js';

/**
 * All rules; the first that finds something counts. What does not run at all comes before what is set wrong, and what
 * is set wrong before what is right in the file and was not read again.
 */
export const rules: readonly Rule[] = [
  ...prosodyStoppedRules,
  ...containerRules,
  ...realmRules,
  ...clientRules,
  ...tokenRules,
  ...userRules,
  ...pageRules,
  ...gateRules,
  ...prosodyLoadRules,
  ...guestRules,
  ...keysRules,
  notRestarted,
  ...clockRules,
  ...nginxRules,
];

/**
 * Why a step of the proof did not come out: from what was seen to the place that is to be mended. Pure. Empty when no
 * rule knows a reason.
 */
export function diagnose(symptom: Symptom, facts: SiteFacts): readonly Cause[] {
  const study = studyOf(facts);
  for (const rule of rules) {
    const root = rule.explains.includes(symptom.name) ? rule.find(study, symptom) : null;
    if (root === null) continue;
    const { via = [], ...rest } = root;
    const seen: Cause = { name: symptom.name, what: symptom.what, where: symptom.step };
    return [seen, ...via, { name: rule.name, ...rest }].map(readable);
  }
  return [];
}

/** Whatever a host said in it is short and on one line. */
const readable = ({ name, what, where, fix }: Cause): Cause => ({
  name,
  what: printableProse(what, 500),
  where: printableProse(where),
  ...(fix === undefined ? {} : { fix: printableProse(fix, 500) }),
});
