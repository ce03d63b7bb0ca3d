/** The files that one Prosody loads, as words. */
import type { ConfigFile } from '../formats/file-finding.js';
import { ask, type Probe } from '../probe/probe.js';
import { sh } from '../shell/sh.js';

/** No config file that a person wrote is larger. */
const largestFileBytes = 1024 * 1024;

/**
 * Reads what Debian's Prosody loads from its folder (`/etc/prosody`), in that order: the main file, then those in
 * `conf.d`. A link is named by the file that it leads to. What is no regular file, or too large, is left out.
 */
export const readProsodyFiles = (folder: string): Probe<readonly ConfigFile[]> =>
  ask(
    sh`d=${folder}
for f in "$d/prosody.cfg.lua" "$d/conf.d/"*.cfg.lua; do
[ -f "$f" ] || continue
n=$(($(wc -c <"$f")))
[ "$n" -le ${largestFileBytes} ] || continue
echo "$n $(readlink -f -- "$f")"; head -c "$n" -- "$f"
done`,
    ({ stdout }) => filesIn(Buffer.from(stdout)),
  );

/** Takes apart `SIZE PATH`, a newline, and that many bytes, again and again. */
function filesIn(all: Buffer): readonly ConfigFile[] {
  const files = new Map<string, ConfigFile>();
  let at = 0;
  for (let end = all.indexOf(0x0a); end !== -1; end = all.indexOf(0x0a, at)) {
    const [, size, path] = /^(\d+) (\/.*)$/.exec(all.subarray(at, end).toString('utf8')) ?? [];
    if (size === undefined || path === undefined) break;
    at = end + 1 + Number(size);
    files.set(path, { path, source: all.subarray(end + 1, at) });
  }
  return [...files.values()];
}
