import type { SecretRef } from '../../shell/secret.js';
import { lines, type Sh, sh } from '../../shell/sh.js';

/** A piece of a file: text, a secret as it is, or a secret passed through a program of `sed` on the host. */
export type FilePart = string | SecretRef | { readonly of: SecretRef; readonly sed: string };

/** Where a file stands inside a container. */
export interface FilePlace {
  /** Absolute path; its folder must be in the image. */
  readonly path: string;
  /** `uid:gid` in figures, as the container sees them. */
  readonly owner: string;
  /** Octal: `0600`. */
  readonly mode: string;
}

/** A file inside a container that holds secrets. No digest, label or state ever sees it. */
export interface SecretFile extends FilePlace {
  /** Joined as they stand. */
  readonly parts: readonly FilePart[];
}

/** What is wrong with such a place; null when it is fine. */
export function filePlaceComplaint({ path, owner, mode }: FilePlace): string | null {
  if (!/^\/(?:[^/\0]+\/)+[^/\0]+$/.test(path)) return `${JSON.stringify(path)} is not an absolute path`;
  if (Buffer.byteLength(nameIn(path)) > 100) return `the file name of ${path} is over 100 bytes`;
  if (!/^\d{1,6}:\d{1,6}$/.test(owner)) return `the owner of ${path} is not uid:gid in figures`;
  return /^0?[0-7]{3}$/.test(mode) ? null : `the mode of ${path} is not three octal digits`;
}

/**
 * Puts a file into a container, running or not, over one that is there. The secret is never an argument of a program
 * (`printf` has to be the shell's own) and never on the host's disk, not even when all of this is killed half-way:
 * the archive that `docker cp` wants is written here, header and all, straight into its standard input.
 */
export function putFile(container: string, file: SecretFile): Sh {
  const folder = file.path.slice(0, file.path.lastIndexOf('/'));
  return sh`(
[ "$(command -v printf)" = printf ] || { echo 'printf is not a built-in of this sh: a secret would show in the process list' >&2; exit 1; }
content() { :
${lines(...file.parts.map(written))}}
size=$(content | wc -c)
octal=$(printf '%011o' "$size")
base=${checksumBase(file)}
sum=$((base $(echo "$octal" | sed 's/./+48+&/g')))
{ ${header(file)}content
head -c $(((512 - size % 512) % 512 + 1024)) /dev/zero; } | docker container cp - ${`${container}:${folder}`}
)`;
}

/** Reads a file out of a container. */
export const readFile = (container: string, path: string): Sh =>
  sh`docker container cp ${`${container}:${path}`} - | tar -xOf -`;

function written(part: FilePart): Sh {
  if (typeof part === 'object' && 'of' in part) return sh`printf '%s' ${part.of} | sed ${part.sed}`;
  return sh`printf '%s' ${part}`;
}

const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Mode, owner and group as a ustar header has them, each with the NUL that ends it. Source: POSIX pax, "ustar". */
function ownership({ owner, mode }: FilePlace): string {
  const [uid, gid] = owner.split(':').map(Number);
  const octal = [Number.parseInt(mode, 8), uid ?? 0, gid ?? 0];
  return octal.map((figure) => `${figure.toString(8).padStart(7, '0')}\0`).join('');
}

const modified = '00000000000\0';
const magic = 'ustar\x0000';

/** Shell that prints the 512 bytes of a ustar header; `$octal` and `$sum` are set. */
function header(file: FilePlace): Sh {
  const name = nameIn(file.path);
  const zeros = (count: number): Sh => sh`head -c ${count} /dev/zero`;
  const constant = (text: string): Sh => sh`printf ${text.replaceAll('\0', '\\000')}`;
  const parts = [
    ...[sh`printf '%s' ${name}`, zeros(100 - Buffer.byteLength(name)), constant(ownership(file))],
    ...[sh`printf '%s\000' "$octal"`, constant(modified), sh`printf '%06o\000 ' "$sum"`],
    ...[constant('0'), zeros(100), constant(magic), zeros(247)],
  ];
  return lines(...parts);
}

/** The header's checksum without the size: the sum of its bytes, with eight spaces in the checksum's own place. */
const checksumBase = (file: FilePlace): number =>
  [...Buffer.from(nameIn(file.path) + ownership(file) + modified + ' '.repeat(8) + '0' + magic)].reduce(
    (sum, byte) => sum + byte,
    0,
  );
