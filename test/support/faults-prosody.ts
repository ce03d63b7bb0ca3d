import { type Fault, nextSecond, prosodyUp, until } from './fault.js';

const file = /^\/etc\/prosody\/conf\.avail\/[\w.-]+\.cfg\.lua:\d+$/;

/** Edits Prosody's file by a program of sed. */
const edited = (title: string, cause: string, program: string, recipe?: number): Fault => ({
  title,
  cause,
  where: file,
  plant: `sed -i ${program} $P`,
  reads: 'prosody',
  ...(recipe === undefined ? {} : { recipe }),
});

/** Faults of Prosody's files, of its modules, and of when it reads them. */
export const prosodyFaults: readonly Fault[] = [
  edited(
    'the accepted issuer begins with http',
    'issuer-scheme',
    `'/asap_accepted_issuers/s#https:#http:#'`,
    8,
  ),
  edited(
    'the accepted issuer ends with a slash',
    'issuer-trailing-slash',
    `'/asap_accepted_issuers/s#jitsi-realm#&/#'`,
  ),
  edited(
    'the accepted issuer is another realm',
    'issuer-differs',
    `'/asap_accepted_issuers/s#jitsi-realm#jitsi-test#'`,
  ),
  edited(
    'a backtick stands behind the component, as it is printed',
    'stray-backtick',
    `'s/^Component "conference.*"muc"/&\`/'`,
    10,
  ),
  edited(
    'the host is written with a small h, as it is printed here and there',
    'misspelled-name',
    `'0,/^VirtualHost/s//Virtualhost/'`,
  ),
  edited('the host is switched off', 'switched-off', `'0,/^VirtualHost.*/s//&\\n    enabled = false/'`),
  {
    title: 'the asap options stand at the end of the file',
    recipe: 11,
    cause: 'asap-in-wrong-section',
    where: file,
    plant: `grep '^asap_' $P >/run/asap; sed -i '/^asap_/d' $P; cat /run/asap >>$P`,
    reads: 'prosody',
  },
  {
    title: 'config.js and the file were live before Keycloak could be asked for its keys',
    recipe: 13,
    cause: 'keys-fetched-too-early',
    where: file,
    plant: `iptables -I OUTPUT -o lo -p tcp --dport 18080 -j REJECT
      systemctl restart prosody
      ${until("tac /var/log/prosody/prosody.log | sed '/Hello and welcome/q' | grep -q 'Failed to retrieve cached'")}
      iptables -D OUTPUT -o lo -p tcp --dport 18080 -j REJECT`,
    heal: `systemctl restart prosody; ${prosodyUp}`,
  },
  edited(
    'the keys are fetched from the public address, whose certificate nobody knows',
    'keys-url-untrusted',
    `"/cache_keys_url/s#http://127.0.0.1:18080#https://$D#"`,
    14,
  ),
  edited(
    'the keys are fetched from a port where nothing listens',
    'keys-url-unreachable',
    `'/cache_keys_url/s#:18080#:18081#'`,
  ),
  edited(
    'the keys are fetched from another realm',
    'realm-differs',
    `'/cache_keys_url/s#jitsi-realm#master#'`,
  ),
  {
    title: "the Lua modules of the token plugin are not there for Prosody's Lua",
    recipe: 16,
    cause: 'lua-modules-missing',
    where: /^\/usr\/local\/share\/lua\/5\.\d$/,
    plant: 'for v in /usr/local/share/lua/5.*; do mv $v /root/good/lua; done',
    heal: 'mv /root/good/lua /usr/local/share/lua/$(ls /usr/share/lua | sort | tail -n 1)',
    reads: 'prosody',
  },
  {
    title: 'Prosody was reloaded, not restarted',
    recipe: 18,
    cause: 'not-restarted',
    where: file,
    plant: `cp $P /run/right; sed -i 's/authentication = "token"/authentication = "jitsi-anonymous"/' $P
      systemctl restart prosody; ${prosodyUp}; ${nextSecond}
      cat /run/right >$P; systemctl reload prosody`,
    heal: `systemctl restart prosody; ${prosodyUp}`,
  },
  {
    title: 'everything is right but Prosody was not restarted',
    cause: 'not-restarted',
    where: file,
    plant: `cp $P /run/right; sed -i '/asap_accepted_audiences/s/account/jitsi/' $P
      systemctl restart prosody; ${prosodyUp}; ${nextSecond}
      cat /run/right >$P`,
    heal: `systemctl restart prosody; ${prosodyUp}`,
  },
  edited(
    'authentication is set twice, and the old one wins',
    'second-authentication',
    `'/allow_empty_token = /s/$/\\n    authentication = "jitsi-anonymous"/'`,
  ),
  edited(
    'people without a token are let in',
    'empty-token-allowed',
    `'s/allow_empty_token = false/allow_empty_token = true/'`,
  ),
  edited(
    'the host asks nobody for a token',
    'authentication-not-token',
    `'s/authentication = "token"/authentication = "jitsi-anonymous"/'`,
  ),
  edited('nothing says where the keys are', 'token-without-keys', `'/cache_keys_url/d'`),
  edited('the host does not load BOSH', 'bosh-not-enabled', `'/^    modules_enabled/,/}/{/"bosh"/d}'`),
  edited('app_id is missing', 'token-without-app-id', `'/^    app_id = /d'`),
  edited(
    'another audience is accepted',
    'audience-not-accepted',
    `'/asap_accepted_audiences/s/account/jitsi/'`,
  ),
  edited(
    'a claim is required that Keycloak does not make',
    'room-claim-required',
    `'/asap_require_room_claim/d'`,
  ),
  {
    title: 'there is no host for guests',
    cause: 'guest-host-missing',
    where: file,
    plant: `sed -i '/^VirtualHost "guest/,/^Component/{/^Component/!d}' $P`,
    reads: 'prosody',
  },
  {
    title: 'guests are asked for an account',
    cause: 'guest-authentication',
    where: file,
    plant: `sed -i '/^VirtualHost "guest/,/^Component/s/jitsi-anonymous/token/' $P`,
    reads: 'prosody',
  },
  edited(
    'muc_wait_for_host is on, and muc_mapper_domain_base is not set',
    'wait-for-host-incomplete',
    `'/^muc_mapper_domain_base/d'`,
  ),
  edited('muc_wait_for_host is not on', 'wait-for-host-missing', `'/"muc_wait_for_host"/d'`),
  {
    title: 'the module of the tokens is not installed, and "All checks passed"',
    cause: 'module-not-loaded',
    where: file,
    plant: 'mv /usr/share/jitsi-meet/prosody-plugins/mod_auth_token.lua /root/good/',
    heal: 'mv /root/good/mod_auth_token.lua /usr/share/jitsi-meet/prosody-plugins/',
    reads: 'prosody',
  },
  {
    title: "Prosody does not include the site's file",
    cause: 'file-not-linked',
    where: /^\/etc\/prosody\/conf\.avail\//,
    plant: 'rm /etc/prosody/conf.d/$D.cfg.lua',
    heal: 'ln -s $P /etc/prosody/conf.d/$D.cfg.lua',
    reads: 'prosody',
  },
  {
    title: 'Prosody is stopped',
    cause: 'prosody-stopped',
    where: /^service prosody$/,
    plant: 'systemctl stop prosody',
    heal: `systemctl start prosody; ${prosodyUp}`,
  },
];
