import { prosodyLua } from '../dialects/prosody-lua.js';
import { printableProse } from '../lib/printable.js';
import { all, ask, map, type Probe } from '../probe/probe.js';
import type { Reply } from '../shell/batch.js';
import { type Sh, sh } from '../shell/sh.js';
import type { NginxFacts, ProsodyFacts, ServiceFacts } from './facts.js';
import { readFiles, readOneFile } from './read-files.js';

/** The Lua modules that Jitsi's token plugin requires. */
const pluginModules = ['basexx', 'cjson', 'inspect', 'openssl.pkey'];

/** Lines of a reply, each safe and short. */
const linesOf = ({ stdout }: Reply): readonly string[] =>
  Buffer.from(stdout)
    .toString('utf8')
    .split('\n')
    .map((line) => printableProse(line))
    .filter((line) => line !== '');

/** Prosody: its files, whether it runs and since when, what it complained of since then, and its Lua. */
export const readProsody = (domain: string): Probe<ProsodyFacts> =>
  map(
    all({
      service: readService('prosody', sh`-p "$pid"`),
      files: readFiles(sh`show /etc/prosody/prosody.cfg.lua /etc/prosody/conf.d/*.cfg.lua`),
      own: readOneFile(`/etc/prosody/conf.avail/${domain}.cfg.lua`),
      log: ask(readLog, linesOf),
      journal: ask(sh`journalctl -u prosody -n 40 -o cat --no-pager 2>/dev/null`, linesOf),
      lua: ask(tryModules, luaIn),
    }),
    ({ service, files, own, log, journal, lua }): ProsodyFacts => {
      const isLinked = own === null || files.some(({ path }) => path === own.path);
      return { ...service, files, unlinked: isLinked ? null : own, log, journal, lua };
    },
  );

/** nginx: its files, whether it runs and since when its workers do, and what it says of its configuration. */
export const readNginx = (siteFile: string): Probe<NginxFacts> =>
  map(
    all({
      service: readService('nginx', sh`--ppid "$pid"`),
      files: readFiles(
        sh`show /etc/nginx/nginx.conf /etc/nginx/conf.d/*.conf /etc/nginx/sites-enabled/* ${siteFile}`,
      ),
      complaint: ask(sh`nginx -t -q 2>&1`, ({ code, ...reply }) =>
        code === 0 || code === 127 ? null : complaintIn(linesOf({ code, ...reply })),
      ),
      certificate: readFiles(
        sh`show "$(sed -n 's/^[[:space:]]*ssl_certificate[[:space:]]\{1,\}"\{0,1\}\([^;"]*\).*/\1/p' ${siteFile} | head -n 1)"`,
      ),
    }),
    ({ service, files, complaint, certificate }): NginxFacts => ({
      ...service,
      files,
      complaint,
      certificate: certificate[0] ?? null,
    }),
  );

/** Warnings may stand before the reason. */
const complaintIn = (said: readonly string[]): string =>
  said.find((line) => line.includes('[emerg]')) ?? said[0] ?? 'it gives no reason';

/** `of` chooses, as options of `ps`, the processes that read the configuration: the youngest counts. */
function readService(unit: string, of: Sh): Probe<ServiceFacts> {
  const question = sh`command -v systemctl >/dev/null || exit 0
systemctl show ${unit} -p ActiveState,MainPID
pid=$(systemctl show ${unit} -p MainPID --value)
[ "$pid" != 0 ] || exit 0
age=$(ps -o etimes= ${of} | sort -n | head -n 1)
[ -n "$age" ] && echo "started=$(( $(date +%s) - age ))"
exit 0`;
  return ask(question, (reply) => {
    const value = (name: string): string | null =>
      linesOf(reply)
        .find((line) => line.startsWith(`${name}=`))
        ?.slice(name.length + 1) ?? null;
    const started = value('started');
    return { state: value('ActiveState'), startedAt: started === null ? null : Number(started) };
  });
}

/** Warnings and errors since Prosody's last start, at most 200. */
const readLog = sh`[ -f /var/log/prosody/prosody.log ] || exit 0
tail -c 4194304 /var/log/prosody/prosody.log | awk '
/Hello and welcome to Prosody/ { n = 0 }
/\twarn\t|\terror\t/ { line[n % 200] = $0; n = n + 1 }
END { i = n - 200; if (i < 0) i = 0; while (i < n) { print line[i % 200]; i = i + 1 } }'`;

const tryModules = sh`${prosodyLua}
echo "lua $version"
for m in ${pluginModules}; do "$lua" -l "$m" -e '' >/dev/null 2>&1 || echo "missing $m"; done
exit 0`;

function luaIn(reply: Reply): ProsodyFacts['lua'] {
  const rows = linesOf(reply).map((line) => line.split(' '));
  const version = rows.find(([what]) => what === 'lua')?.[1];
  if (version === undefined) return null;
  return {
    version,
    missing: rows.flatMap(([what, module]) => (what === 'missing' && module !== undefined ? [module] : [])),
  };
}
