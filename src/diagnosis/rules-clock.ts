import type { Rule } from './rule.js';

/** Tokens live for minutes; less than this does no harm. */
const tolerableSeconds = 30;

/** Two clocks that differ. */
export const clockRules: readonly Rule[] = [
  {
    name: 'clock-skew',
    explains: ['token-expired', 'token-invalid', 'token-refused'],
    find({ clockSeconds, keycloak }) {
      const theirs = keycloak.direct.clockSeconds ?? keycloak.site.clockSeconds;
      if (clockSeconds === null || theirs === null) return null;
      const ahead = Math.round(theirs - clockSeconds);
      if (Math.abs(ahead) <= tolerableSeconds) return null;
      return {
        what: `the clock of Keycloak is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} the one of this host`,
        where: 'host, clock',
        fix: 'let both keep time by NTP (`timedatectl set-ntp true`), then sign in again',
      };
    },
  },
];
