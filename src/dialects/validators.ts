/** The programs that judge a config file in place, and how their verdicts before and after an edit compare. */
import { Failed } from '../model/failure.js';
import type { Reply } from '../shell/batch.js';
import { type Sh, sh } from '../shell/sh.js';

/** Which program judges a file. */
export type Validator = 'nginx' | 'prosody';

/** One such program. */
export interface ConfigTest {
  readonly command: Sh;
  /** Takes the output of {@link validated} apart: `laid` first judges the writing itself, then the verdicts are compared. */
  judge(path: string, reply: Reply, laid: (reply: Reply) => void): void;
}

const mark = '-- orchestrate: the verdict after the edit --';

/** Shell that asks the program, makes the change, and asks again. Exit code: that of the change. */
export const validated = (test: Sh, change: Sh): Sh =>
  sh`( ${test} ) 2>&1; echo "exit $?"
( ${change} ) || exit $?
echo ${mark}
( ${test} ) 2>&1; echo "exit $?"`;

interface Verdict {
  readonly code: number;
  readonly lines: readonly string[];
}

/** `nginx -t` tests the whole configuration of the machine. */
export const nginxTest = sh`nginx -t`;

/**
 * `prosodyctl check config`: exit 1 for a file that cannot be read as configuration, 2 for findings, which every
 * stock Jitsi host has. Only findings that were not there before count.
 */
export const prosodyTest = sh`prosodyctl check config`;

/** The known programs. */
export const validators: Readonly<Record<Validator, ConfigTest>> = {
  nginx: {
    command: nginxTest,
    judge: (path, reply, laid) => {
      const { after } = verdicts(reply, laid);
      if (after.code !== 0) throw rejected(path, 'nginx -t', after.lines);
    },
  },
  prosody: {
    command: prosodyTest,
    judge: (path, reply, laid) => {
      const { before, after } = verdicts(reply, laid);
      const fresh = after.lines.filter((line) => !before.lines.includes(line));
      if (after.code === 1 || after.code > before.code)
        throw rejected(path, 'prosodyctl check config', fresh.length > 0 ? fresh : after.lines);
    },
  },
};

function verdicts(reply: Reply, laid: (reply: Reply) => void): { before: Verdict; after: Verdict } {
  laid(reply);
  const [before, after] = Buffer.from(reply.stdout).toString('utf8').split(`${mark}\n`);
  if (before === undefined || after === undefined) throw new TypeError('a verdict is missing');
  return { before: verdict(before), after: verdict(after) };
}

function verdict(text: string): Verdict {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const code = /^exit (\d+)$/.exec(lines.at(-1) ?? '');
  return { code: Number(code?.[1] ?? 1), lines: lines.slice(0, -1) };
}

const rejected = (path: string, program: string, lines: readonly string[]): Failed =>
  new Failed({
    reason: 'refused',
    what: `${program} does not accept ${path} with our edit`,
    evidence: lines.slice(-10),
    next: 'send these lines and the part of the file that they name to the authors: an edit that is not accepted is a bug',
  });
