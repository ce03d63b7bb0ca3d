import { ask, type Probe } from '../probe/probe.js';
import { lines, type Sh, sh } from '../shell/sh.js';
import type { DatedFile } from './facts.js';

/**
 * Shell that prints files, each once and as one line: time of the last change of its inode, contents in base64, real
 * path. That time cannot be set by a copy that keeps the file's own.
 */
const print = sh`seen=
show() {
  for f; do
    [ -f "$f" ] || continue
    r=$(readlink -f -- "$f")
    case "$seen" in *"|$r|"*) continue ;; esac
    seen="$seen|$r|"
    printf '%s %s %s\n' "$(stat -c %Z -- "$r")" "$(head -c 1048576 -- "$r" | base64 | tr -d '\n')" "$r"
  done
}`;

/** Reads the files that a piece of shell hands to `show`. */
export const readFiles = (shows: Sh): Probe<readonly DatedFile[]> =>
  ask(lines(print, shows), ({ stdout }) => Buffer.from(stdout).toString('utf8').split('\n').flatMap(fileIn));

/** Reads one file; null when it is not there. */
export const readOneFile = (path: string): Probe<DatedFile | null> =>
  ask(
    lines(print, sh`show ${path}`),
    ({ stdout }) => Buffer.from(stdout).toString('utf8').split('\n').flatMap(fileIn)[0] ?? null,
  );

function fileIn(line: string): readonly DatedFile[] {
  const found = /^(\d{1,12}) ([A-Za-z0-9+/=]*) (\/.{1,4000})$/.exec(line);
  if (found === null) return [];
  const [, changedAt = '', contents = '', path = ''] = found;
  return [{ path, source: Buffer.from(contents, 'base64'), changedAt: Number(changedAt) }];
}
