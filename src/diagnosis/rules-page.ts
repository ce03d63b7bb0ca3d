import { lintRules, type Rule } from './rule.js';
import type { SymptomName } from './symptom.js';

const elsewhere: readonly SymptomName[] = ['page-sends-elsewhere', 'login-page-missing', 'way-back-fails'];

/** What config.js and the pages of Jitsi do. */
export const pageRules: readonly Rule[] = [
  ...lintRules(
    'page',
    ['syntax', 'stops-early', 'script-end', 'option-as-label', 'in-doubt'],
    ['page-without-sign-in', 'page-not-served', 'page-sends-elsewhere'],
  ),
  ...lintRules('page', ['other-realm', 'other-client', 'service-with-scheme', 'plain-http'], elsewhere),
  ...lintRules('page', ['other-redirect', 'no-state', 'no-code-challenge'], elsewhere),
  ...lintRules('page', ['incomplete-sign-in', 'set-twice'], ['page-without-sign-in', 'page-sends-elsewhere']),
  {
    name: 'page-without-sign-in',
    explains: ['page-without-sign-in'],
    find: ({ page, job }) =>
      page === null
        ? null
        : {
            what: 'config.js sets neither tokenAuthUrl nor sso: visitors are never sent to the sign-in',
            where: `${page.path}:1`,
            fix: `set tokenAuthUrl, tokenLogoutUrl, tokenAuthInline and sso for the realm ${job.realm}, as \`orchestrate apply\` does`,
          },
  },
  {
    name: 'page-missing',
    explains: ['page-not-served', 'page-without-sign-in'],
    find: ({ page, job }) =>
      page === null
        ? {
            what: 'there is no config.js of the site',
            where: `/etc/jitsi/meet/${job.domain}-config.js`,
            fix: 'run `dpkg-reconfigure jitsi-meet-web-config`, then `orchestrate apply`',
          }
        : null,
  },
  {
    name: 'sso-page-not-installed',
    explains: ['sso-page-missing'],
    find: ({ hasSsoPage }) =>
      hasSsoPage
        ? null
        : {
            what: 'the page that exchanges the code for a token is not installed',
            where: '/usr/share/jitsi-meet/static/sso.html',
            fix: 'install jitsi-meet-web anew: `apt-get install --reinstall jitsi-meet-web`, 2.0.10700 or later',
          },
  },
];
