import { need, run } from './command.js';
import { announced, type Say } from './progress.js';

/** The programs that judge edited files and sessions in tests, and the Debian packages that bring them. */
const judges = [
  ['luac5.4', 'lua5.4'],
  ['luac5.2', 'lua5.2'],
  ['luac5.1', 'lua5.1'],
  ['prosodyctl', 'prosody'],
  ['nginx', 'nginx'],
  ['/usr/lib/nginx/modules/ngx_http_lua_module.so', 'libnginx-mod-http-lua'],
  ['/usr/lib/nginx/modules/ngx_stream_module.so', 'libnginx-mod-stream'],
  ['openssl', 'openssl'],
  ['sshd', 'openssh-server'],
  ['ssh', 'openssh-client'],
  ['sudo', 'sudo'],
] as const;

const isInstalled = async (program: string): Promise<boolean> =>
  (await run(['sh', '-c', `PATH="$PATH:/usr/sbin:/sbin"; [ -e ${program} ] || command -v ${program}`]))
    .code === 0;

/**
 * Installs the judges that are missing: as root, where apt is. None of their services is started. Elsewhere their tests
 * say that they are skipped.
 */
export async function ensureJudges(say: Say): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of judges) if (!(await isInstalled(program))) missing.push(name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !(await isInstalled('apt-get'))) {
    say(`not installed, and their tests are skipped: ${missing.join(', ')}`);
    return;
  }
  await announced(say, `installing ${missing.join(', ')}`, () =>
    need(['sh', '-c', install, 'sh', ...missing], quiet),
  );
}

const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } };

/** A policy-rc.d that says no keeps Debian's packages from starting their services; one that is there stays. */
const install = `set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"; chmod 755 "$policy"; trap 'rm -f "$policy"' EXIT
fi
apt-get update >/dev/null
apt-get install -y --no-install-recommends "$@" >/dev/null`;
