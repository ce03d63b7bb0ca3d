import type { Fault } from './fault.js';

const file = /^\/etc\/jitsi\/meet\/[\w.-]+-config\.js:\d+$/;

const page = (title: string, cause: string, plant: string, recipe?: number): Fault => ({
  title,
  cause,
  where: file,
  plant,
  ...(recipe === undefined ? {} : { recipe }),
});

/** Faults of config.js and of the pages. */
export const pageFaults: readonly Fault[] = [
  page(
    'config.js names another realm',
    'other-realm',
    "sed -i '/^config\\./s/jitsi-realm/jitsi-test/' $C",
    9,
  ),
  page(
    'config.js names another client',
    'other-client',
    "sed -i '/^config\\./s/client_id=jitsi/client_id=meet/' $C",
  ),
  page(
    'config.js comes back to another page',
    'other-redirect',
    "sed -i '/^config.tokenAuthUrl =/s#sso.html#sso.htm#' $C",
  ),
  page('no browser can run config.js', 'syntax', "echo 'config.tokenAuthInline == ;' >>$C"),
  page('config.js has no proof key', 'no-code-challenge', "sed -i 's/&code_challenge={code_challenge}//' $C"),
  page('config.js sends nobody to the sign-in', 'page-without-sign-in', "sed -i '/^config\\./d' $C"),
  page(
    'config.js sets the address as a label, outside of config',
    'option-as-label',
    "sed -i 's/^config.tokenAuthUrl = /tokenAuthUrl: /' $C",
  ),
  {
    title: 'the page that exchanges the code is not installed',
    cause: 'sso-page-not-installed',
    where: /sso\.html$/,
    plant: 'mv /usr/share/jitsi-meet/static/sso.html /root/good/',
    heal: 'mv /root/good/sso.html /usr/share/jitsi-meet/static/',
  },
];
