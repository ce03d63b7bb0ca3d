import type { CheckKind, Verdict } from '../model/kind.js';
import { ask } from '../probe/probe.js';
import type { Reply } from '../shell/batch.js';
import { sh } from '../shell/sh.js';

/** A Jitsi Meet web server for this domain. */
export interface JitsiInstalled {
  readonly domain: string;
}

/**
 * Whether the host holds what token sign-in needs: the page that takes the token from Keycloak, and Prosody's
 * plugins; and whether another way of signing in is already set up, which ours would break or be broken by.
 */
export const jitsiInstalled: CheckKind<JitsiInstalled> = {
  shape: 'check',
  name: 'jitsi.installed',
  probe: ({ domain }) =>
    ask(
      sh`d=${domain}
web=/usr/share/jitsi-meet
for f in "$web/static/sso.html" "$web/prosody-plugins/mod_auth_token.lua" "$web/prosody-plugins/mod_muc_wait_for_host.lua" "$web/prosody-plugins/mod_persistent_lobby.lua" "/etc/jitsi/meet/$d-config.js" "/etc/prosody/conf.avail/$d.cfg.lua"; do
  [ -e "$f" ] || echo "absent $f"
done
dpkg -s jitsi-meet-tokens 2>/dev/null | grep -q '^Status: install ok installed' && echo "other the package jitsi-meet-tokens (its own app id and secret)"
grep -Eqs '^[[:space:]]*authentication[[:space:]]*[={]' /etc/jitsi/jicofo/jicofo.conf && echo "other an authentication section in /etc/jitsi/jicofo/jicofo.conf"
grep -Eqs '^[[:space:]]*authentication[[:space:]]*=[[:space:]]*"(internal_hashed|internal_plain|ldap|cyrus)"' "/etc/prosody/conf.avail/$d.cfg.lua" && echo "other a secure domain (accounts in Prosody) in /etc/prosody/conf.avail/$d.cfg.lua"
exit 0`,
      judge,
    ),
};

function judge({ stdout }: Reply): Verdict {
  const rows = Buffer.from(stdout).toString('utf8').split('\n');
  const absent = rows.flatMap((row) => (row.startsWith('absent ') ? [row.slice(7)] : []));
  const other = rows.flatMap((row) => (row.startsWith('other ') ? [row.slice(6)] : []));
  if (absent.length > 0) {
    return {
      ok: false,
      hopeless: true,
      because: 'Jitsi Meet is not installed here for this domain, or it is too old for sign-in by token',
      evidence: absent.map((file) => `not there: ${file}`),
      next: 'install or update the jitsi-meet package for this domain, then run the same command again',
    };
  }
  if (other.length > 0) {
    return {
      ok: false,
      hopeless: true,
      because: 'another way of signing in is already set up on this host',
      evidence: other.map((one) => `found: ${one}`),
      next: 'take that out first, as its own handbook page says: two ways of signing in break each other',
    };
  }
  return { ok: true };
}
