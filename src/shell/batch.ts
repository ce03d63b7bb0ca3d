import { quote, render, type Sh } from './sh.js';
import type { Vault } from './secret.js';

/** What one question of a batch came to. */
export interface Reply {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/**
 * What every script starts with: one language, a PATH that also finds the tools of root, files private by default.
 * (A login without root's PATH lacks /usr/sbin on Debian.)
 */
const prelude = `LC_ALL=C; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH
umask 077
`;

/**
 * One script for `sh -s` that answers every question. The whole is one function, so a script that arrives cut off
 * does nothing. A question runs in a subshell of its own: one that fails, or is not even shell, spoils no other.
 *
 * @param nonce unguessable for the host's programs; marks where an answer starts and ends, on both streams
 */
export function batchScript(questions: readonly Sh[], vault: Vault, nonce: string): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(`${prelude}main() {\n`)];
  questions.forEach((question, index) => {
    parts.push(
      Buffer.from(
        `printf '\\n%s %d begin\\n' ${nonce} ${index}; printf '\\n%s %d begin\\n' ${nonce} ${index} >&2\n( eval `,
      ),
      quote(render(question, vault)),
      Buffer.from(
        ` ) </dev/null; code=$?\nprintf '\\n%s %d end %d\\n' ${nonce} ${index} "$code"; printf '\\n%s %d end %d\\n' ${nonce} ${index} "$code" >&2\n`,
      ),
    );
  });
  parts.push(Buffer.from('}\nmain\nexit 0\n'));
  return Buffer.concat(parts);
}

/**
 * Takes the replies out of what the host printed. Noise before, between and after the marks is dropped.
 *
 * @throws Error naming the first question that has no whole answer
 */
export function readBatch(
  output: { stdout: Uint8Array; stderr: Uint8Array },
  count: number,
  nonce: string,
): readonly Reply[] {
  const [stdout, stderr] = [viewOf(output.stdout), viewOf(output.stderr)];
  return Array.from({ length: count }, (_, index) => {
    const out = answerIn(stdout, index, nonce);
    const err = answerIn(stderr, index, nonce);
    if (out === null) throw new Error(`the host's reply to question ${index + 1} of ${count} is not whole`);
    return { code: out.code, stdout: out.bytes, stderr: err?.bytes ?? new Uint8Array() };
  });
}

/** The same bytes, not a copy of them. */
const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

function answerIn(stream: Buffer, index: number, nonce: string): { code: number; bytes: Uint8Array } | null {
  const begin = Buffer.from(`\n${nonce} ${index} begin\n`);
  const end = Buffer.from(`\n${nonce} ${index} end `);
  const from = stream.indexOf(begin);
  if (from === -1) return null;
  const start = from + begin.length;
  const stop = stream.indexOf(end, start);
  if (stop === -1) return null;
  const code = /^\d+/.exec(stream.subarray(stop + end.length, stop + end.length + 8).toString('latin1'));
  return code === null ? null : { code: Number(code[0]), bytes: stream.subarray(start, stop) };
}
