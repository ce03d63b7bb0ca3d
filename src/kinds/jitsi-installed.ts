import type { CheckKind, Verdict } from '../model/kind.js';
import { Refused } from '../formats/outcome.js';
import { readProsody } from '../formats/prosody/read.js';
import { optionKey, optionsSeen } from '../formats/prosody/seen.js';
import { textOf } from '../formats/source.js';
import { all, ask, map } from '../probe/probe.js';
import type { Reply } from '../shell/batch.js';
import { type Sh, sh } from '../shell/sh.js';

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
    map(
      all({
        host: ask(question(domain), (reply) => reply),
        prosody: ask(sh`cat -- ${prosodyFile(domain)} 2>/dev/null`, (reply) => reply),
      }),
      ({ host, prosody }) => judge(domain, host, prosody),
    ),
};

const prosodyFile = (domain: string): string => `/etc/prosody/conf.avail/${domain}.cfg.lua`;

const question = (domain: string): Sh => sh`d=${domain}
web=/usr/share/jitsi-meet
for f in "$web/static/sso.html" "$web/prosody-plugins/mod_auth_token.lua" "$web/prosody-plugins/mod_muc_wait_for_host.lua" "$web/prosody-plugins/mod_persistent_lobby.lua" "/etc/jitsi/meet/$d-config.js" ${prosodyFile(domain)}; do
  [ -e "$f" ] || echo "absent $f"
done
dpkg -s jitsi-meet-tokens 2>/dev/null | grep -q '^Status: install ok installed' && echo "other the package jitsi-meet-tokens (its own app id and secret)"
grep -Eqs '^[[:space:]]*authentication[[:space:]]*[={]' /etc/jitsi/jicofo/jicofo.conf && echo "other an authentication section in /etc/jitsi/jicofo/jicofo.conf"
exit 0`;

/** What a stock host has, and what ours sets. Anything else is another way of signing in. */
const ours: readonly unknown[] = ['anonymous', 'jitsi-anonymous', 'token'];

/** The way in which people sign in to the main host; null when the file does not say, or is not understood. */
function authenticationOf(domain: string, bytes: Uint8Array): string | null {
  try {
    const seen = optionsSeen(readProsody(textOf(bytes))).get(
      optionKey({ is: 'host', name: domain }, 'authentication'),
    );
    return seen?.is === 'value' && typeof seen.value === 'string' ? seen.value : null;
  } catch (error) {
    // The edit of this file says where and why it is not understood.
    if (error instanceof Refused) return null;
    throw error;
  }
}

function judge(domain: string, host: Reply, prosody: Reply): Verdict {
  const rows = Buffer.from(host.stdout).toString('utf8').split('\n');
  const absent = rows.flatMap((row) => (row.startsWith('absent ') ? [row.slice(7)] : []));
  if (absent.length > 0) return notInstalled(absent);
  const way = authenticationOf(domain, prosody.stdout);
  const others = [
    ...rows.flatMap((row) => (row.startsWith('other ') ? [row.slice(6)] : [])),
    ...(way === null || ours.includes(way) ? [] : [`authentication = "${way}" in ${prosodyFile(domain)}`]),
  ];
  return others.length === 0 ? { ok: true } : alreadySetUp(others);
}

const notInstalled = (absent: readonly string[]): Verdict => ({
  ok: false,
  hopeless: true,
  because: 'Jitsi Meet is not installed here for this domain, or it is too old for sign-in by token',
  evidence: absent.map((file) => `not there: ${file}`),
  next: 'install or update the jitsi-meet package for this domain, then run the same command again',
});

const alreadySetUp = (others: readonly string[]): Verdict => ({
  ok: false,
  hopeless: true,
  because: 'another way of signing in is already set up on this host',
  evidence: others.map((one) => `found: ${one}`),
  next: 'take that out first, as its own handbook page says: two ways of signing in break each other',
});
