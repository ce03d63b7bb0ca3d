/** Reading, laying and removing regular files, as words. */
import { sha256 } from '../lib/digest.js';
import { Failed } from '../model/failure.js';
import type { Observed } from '../model/kind.js';
import { ask, type Probe } from '../probe/probe.js';
import type { Reply } from '../shell/batch.js';
import { type Sh, sh } from '../shell/sh.js';

/** Which file. A symbolic link stands for the file it leads to, and stays a link. */
export type FileId = { readonly path: string };

/** One file is one thing, however it is managed. */
export const fileThing = ({ path }: FileId): string => `file ${path}`;

/** A file without its content. The mode is four octal digits. */
export type FileState = {
  readonly sha256: string;
  readonly size: number;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
};

/** A file as it was read, with its bytes. */
export interface SeenFile extends Observed<FileState> {
  readonly bytes: Uint8Array | null;
}

/** Config files are small. What is larger is not one, and is not read. */
export const largestFileBytes = 8 * 1024 * 1024;

/** Exit code of {@link layFile} and {@link removeFile}: the file is not the one that was read. */
const changedMeanwhile = 75;

/** Reads a file whole. Anything that is neither a regular file nor absent is refused. */
export const readFile = ({ path }: FileId): Probe<SeenFile> =>
  ask(
    // Two processes a file: a host with many files spends its time starting them.
    sh`p=${path}
if [ -f "$p" ]; then stat -L -c 'file %a %U %G %s' -- "$p" && head -c ${largestFileBytes} -- "$p"
elif [ -e "$p" ] || [ -L "$p" ]; then echo odd
else echo absent; fi`,
    (reply) => seenFile(path, reply),
  );

function seenFile(path: string, { code, stdout, stderr }: Reply): SeenFile {
  const all = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  const end = all.indexOf(0x0a);
  const [word, mode, owner, group, size] = all.subarray(0, Math.max(end, 0)).toString('latin1').split(' ');
  if (word === 'absent') return { state: null, bytes: null };
  if (word === 'odd') throw oddFile(path, 'it is no regular file, or a link that leads nowhere');
  if (code !== 0 || word !== 'file' || mode === undefined || owner === undefined || group === undefined) {
    throw oddFile(path, Buffer.from(stderr).toString('utf8'));
  }
  if (Number(size) > largestFileBytes)
    throw oddFile(path, `it holds ${size ?? '?'} bytes; the limit is ${largestFileBytes}`);
  const bytes = all.subarray(end + 1);
  return {
    bytes,
    state: { sha256: sha256(bytes), size: bytes.length, mode: mode.padStart(4, '0'), owner, group },
  };
}

const oddFile = (path: string, evidence: string): Failed =>
  new Failed({
    reason: 'refused',
    what: `${path} cannot be taken for a config file`,
    evidence: evidence.split('\n').filter((line) => line !== ''),
    next: 'see what lies at this path; nothing was touched',
  });

/** Copies the content that `from` names to the blobs of the run, unless the file is no longer that. */
export const keepFile = ({ path }: FileId, from: FileState, blobs: string): Sh =>
  sh`k=${`${blobs}/${from.sha256}`}
[ ! -e "$k" ] || exit 0
trap 'rm -f -- "$k.$$"' EXIT
cat -- ${path} >"$k.$$" || exit 1
[ "$(sha256sum <"$k.$$" | cut -d' ' -f1)" = ${from.sha256} ] || { echo ${`${path} was changed meanwhile`} >&2; exit 1; }
mv -f -- "$k.$$" "$k"`;

/**
 * Shell that puts a content in place in one step: written beside the target, with the target's owner, mode, ACL and
 * extended attributes, synced, renamed. A link is followed and stays. Nothing happens when the file is not `from`.
 */
export const layFile = (
  { path }: FileId,
  content: string,
  step: { from: FileState | null; to: FileState },
): Sh =>
  sh`set -e
p=${path}
if [ -e "$p" ] || [ -L "$p" ]; then f=$(readlink -f -- "$p"); now=$(sha256sum <"$f" | cut -d' ' -f1); else f=$p; now=absent; fi
[ "$now" = ${step.from?.sha256 ?? 'absent'} ] || { echo "$p was changed meanwhile" >&2; exit ${changedMeanwhile}; }
d=$(dirname -- "$f")
t=$(mktemp -- "$d/.orchestrate.XXXXXXXX")
trap 'rm -f -- "$t"' EXIT
if [ -e "$f" ]; then cp -a -- "$f" "$t"; fi
cat -- ${content} >"$t"
chown -- ${`${step.to.owner}:${step.to.group}`} "$t"
[ "$(stat -c %a -- "$t" | sed 's/^/0000/;s/.*\(....\)$/\1/')" = ${step.to.mode} ] || chmod -- ${step.to.mode} "$t"
sync -- "$t" 2>/dev/null || sync
mv -T -f -- "$t" "$f"
trap - EXIT
sync -- "$d" 2>/dev/null || sync`;

/** Shell that removes a file, unless it is not `from` any more. */
export const removeFile = ({ path }: FileId, from: FileState): Sh =>
  sh`set -e
p=${path}
[ -e "$p" ] || exit 0
[ "$(sha256sum <"$p" | cut -d' ' -f1)" = ${from.sha256} ] || { echo "$p was changed meanwhile" >&2; exit ${changedMeanwhile}; }
rm -- "$p"
sync -- "$(dirname -- "$p")" 2>/dev/null || sync`;

/** Turns the codes of {@link layFile} and {@link removeFile} into failures. */
export function judgeFileStep(path: string, reply: Reply): void {
  if (reply.code === 0) return;
  const evidence = Buffer.from(reply.stderr)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  if (reply.code === changedMeanwhile) {
    throw new Failed({
      reason: 'plan-drifted',
      what: `${path} was changed between reading and writing`,
      evidence,
      next: 'see who else edits this file, then look at a new plan; the file was not touched',
    });
  }
  throw new Failed({
    reason: 'command-failed',
    what: `${path} could not be written (exit ${reply.code})`,
    evidence,
    next: hint(evidence.join(' ')),
  });
}

const hint = (said: string): string => {
  if (said.includes('No space left')) return 'make room on this file system; the file is as it was';
  if (said.includes('Read-only file system'))
    return 'the file system is mounted read-only; the file is as it was';
  if (said.includes('Operation not permitted'))
    return 'see `lsattr`: the file may be immutable (chattr -i); it is as it was';
  if (said.includes('Device or resource busy'))
    return 'the file is a mount of its own and cannot be replaced in one step; it is as it was';
  return 'mend what the host says; the file is as it was';
};
