import { canonical } from '../../lib/json.js';
import { sha256 } from '../../lib/digest.js';
import type { Reply } from '../../shell/batch.js';
import { sh, type Sh } from '../../shell/sh.js';
import type { UserRef } from './user.js';

/**
 * What the host remembers of a password that was set there: a keyed hash and Keycloak's mark of that setting.
 *
 * No API of Keycloak's compares passwords, and trying a login would lock people out. So the host keeps one key,
 * made at its first use, and per user the hash of the last password that we set, under that key. Both are
 * root's alone. The hash is HMAC's construction, `H(k2 H(k1 password))` with SHA-256, with two independent keys of
 * one block each (64 hexadecimal characters), because a minimal Debian has `sha256sum` and no openssl. It is
 * computed on the host; only "same" or "differs" comes back.
 */
export type PasswordRecord =
  | { readonly is: 'none' }
  | { readonly is: 'same' | 'differs'; readonly mark: string };

const folder = '/var/lib/orchestrate/keys';
const key = `${folder}/password-key`;

/** Compares the wanted password with the record. Reads only. */
export const askRecord = (ref: UserRef, password: { readonly secret: string }): Sh => sh`
[ -r ${key} ] && [ -r ${recordOf(ref)} ] || { echo none; exit 0; }
${hashing}
read -r stored mark <${recordOf(ref)}
[ "$(keyed ${password})" = "$stored" ] && echo "same $mark" || echo "differs $mark"`;

/** Records that the password which carries `mark` is this one. Makes the key where there is none. */
export const writeRecord = (ref: UserRef, password: { readonly secret: string }, mark: string): Sh => sh`
set -e
umask 077
mkdir -p ${`${folder}/passwords`}
half() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
if [ ! -s ${key} ]; then
  printf '%s %s\n' "$(half)" "$(half)" >${key}.$$
  ln ${key}.$$ ${key} 2>/dev/null || [ -s ${key} ]
  rm -f ${key}.$$
fi
${hashing}
printf '%s %s\n' "$(keyed ${password})" ${mark} >${recordOf(ref)}.new
mv ${recordOf(ref)}.new ${recordOf(ref)}`;

/** Forgets the record: from now on nothing is known about the password. */
export const forgetRecord = (ref: UserRef): Sh => sh`rm -f ${recordOf(ref)}`;

/** Reads the answer to {@link askRecord}. Anything odd is no record. */
export function readRecord({ code, stdout }: Reply): PasswordRecord {
  const said = /^(same|differs) (\S+)$/m.exec(Buffer.from(stdout).toString());
  if (code !== 0 || said === null) return { is: 'none' };
  return { is: said[1] === 'same' ? 'same' : 'differs', mark: said[2] ?? '' };
}

/** The words reach the hash by a pipe from a builtin: a shell without one would show them as arguments. */
const hashing: Sh = sh`
case $(command -v printf) in printf) ;; *) echo 'this shell has no printf of its own' >&2; exit 3 ;; esac
read -r k1 k2 <${key}
keyed() {
  inner=$(printf '%s%s' "$k1" "$1" | sha256sum | cut -c 1-64)
  printf '%s%s' "$k2" "$inner" | sha256sum | cut -c 1-64
}`;

const recordOf = ({ server, realm, username }: UserRef): string =>
  `${folder}/passwords/${sha256(canonical([server.endpoint.address, server.endpoint.port, server.basePath ?? '', realm, username]))}`;
