import type { HttpRequest } from '../shell/http-request.js';
import type { Reply } from '../shell/batch.js';
import { type Sh, sh } from '../shell/sh.js';

/** What else of Jitsi runs on a host beside Prosody and the web pages. */
export interface Neighbours {
  /** Opens rooms: it is on this host and must be connected to Prosody again after a restart. */
  readonly jicofo: boolean;
  readonly jibri: boolean;
  /** `account`: it has a password of its own; `anonymous`: it joins rooms as anybody could. */
  readonly jigasi: 'none' | 'account' | 'anonymous';
}

const jigasiFile = '/etc/jitsi/jigasi/sip-communicator.properties';

/** Which of them systemd knows, and how Jigasi signs in. */
export const readNeighbours: Sh = sh`for unit in jicofo jibri jigasi; do
  printf '%s=%s\n' "$unit" "$(systemctl show --property LoadState --value "$unit" 2>/dev/null)"
done
grep -c '^[[:space:]]*org\.jitsi\.jigasi\.xmpp\.acc\.ANONYMOUS_AUTH=false' ${jigasiFile} 2>/dev/null || true`;

/** Reads the answer. */
export function neighboursIn({ stdout }: Reply): Neighbours {
  const lines = Buffer.from(stdout).toString().split('\n');
  const isLoaded = (unit: string): boolean => lines.includes(`${unit}=loaded`);
  const withAccount = lines.some((line) => /^[1-9]\d*$/.test(line));
  return {
    jicofo: isLoaded('jicofo'),
    jibri: isLoaded('jibri'),
    jigasi: !isLoaded('jigasi') ? 'none' : withAccount ? 'account' : 'anonymous',
  };
}

/** Jicofo's own view of itself: 200 when it is connected and has a bridge (jicofo's `rest` section, port 8888). */
export const askJicofo: HttpRequest = {
  is: 'http',
  to: { address: '127.0.0.1', port: 8888 },
  method: 'GET',
  path: '/about/health',
  timeoutMs: 5000,
};

/** What sign-in by token means for those who come in by other ways. */
export function meaningFor({ jibri, jigasi }: Neighbours, domain: string): readonly string[] {
  return [
    ...(jibri
      ? [
          `Jibri is on this host: it signs in to recorder.${domain} with its own password, and goes on as before`,
        ]
      : []),
    ...(jigasi === 'account'
      ? [
          'Jigasi is on this host: it signs in with its own account; call in once, and see that it still joins',
        ]
      : []),
    ...(jigasi === 'anonymous'
      ? [
          `Jigasi is on this host and joins anonymously, which ${domain} does not allow any more: give it an account ` +
            `(org.jitsi.jigasi.xmpp.acc.USER_ID, PASS and ANONYMOUS_AUTH=false in ${jigasiFile})`,
        ]
      : []),
  ];
}
