import type { LabeledStatement } from 'acorn';
import type { ConfigFile, FileFinding } from '../file-finding.js';
import { Refused, type Finding } from '../outcome.js';
import type { SignInJob } from '../sign-in-job.js';
import { positionAt, textOf } from '../source.js';
import { nameOf, readModel, readPlace, whereWritten, type JitsiConfigModel } from './model.js';
import { placeOf } from './setting.js';
import { OPTIONS, signInFindings } from './sign-in-rules.js';

/** What is wrong in config.js files for people who want to sign in, in the order of the files and their lines. */
export function lintJitsiConfig(files: readonly ConfigFile[], job: SignInJob): readonly FileFinding[] {
  return files.flatMap(({ path, source }) =>
    findingsIn(textOf(source), job)
      .toSorted((one, other) => one.at.line - other.at.line || one.at.column - other.at.column)
      .map((finding) => ({ path, ...finding })),
  );
}

function findingsIn(text: string, job: SignInJob): readonly Finding[] {
  const inText = scriptEnds(text);
  try {
    const model = readModel(text);
    return [
      ...inText,
      ...labels(model),
      ...doubts(model),
      ...overridden(model),
      ...lastStatement(model),
      ...signInFindings(model, job),
    ];
  } catch (error) {
    if (error instanceof Refused) return [...inText, unreadable(error)];
    throw error;
  }
}

const BREAKING: Readonly<Record<string, string>> = {
  syntax: 'Browsers reject the whole file',
  'stops-early': 'Part of the file never runs',
};

function unreadable({ code, reason, at }: Refused): Finding {
  const breaking = BREAKING[code];
  return breaking === undefined
    ? {
        code,
        at,
        breaks: `This file cannot be checked: ${reason}.`,
        fix: 'Check by hand what it sets for sign-in.',
      }
    : { code, at, breaks: `${breaking}: ${reason}.`, fix: 'Correct this line.' };
}

// Nobody reads more findings of one kind.
const ENOUGH = 10;

// index.html and static/sso.html of jitsi-meet include config.js inside a <script> element.
function scriptEnds(text: string): readonly Finding[] {
  return [...text.matchAll(/<\/script/gi)].slice(0, ENOUGH).map(({ index }) => ({
    code: 'script-end',
    at: positionAt(text, index),
    breaks:
      'The page ends its script here, even inside a comment: what follows is shown as text and never runs.',
    fix: 'Write `<\\/script` instead, or take it out.',
  }));
}

/** `tokenAuthUrl: '…'` outside an object is a label, which JavaScript allows and nothing reads. */
function labels({ script }: JitsiConfigModel): readonly Finding[] {
  const names = new Set(OPTIONS.flatMap((option) => option.split('.')));
  const found = script.program.body.filter(
    (node): node is LabeledStatement => node.type === 'LabeledStatement' && names.has(node.label.name),
  );
  return found.slice(0, ENOUGH).map(({ start, label }) => ({
    code: 'option-as-label',
    at: positionAt(script.text, start),
    breaks: `\`${label.name}\` stands outside of \`config\`, so it has no effect.`,
    fix: `Write \`config.${label.name} = …;\`, or move it between the braces of \`config\`.`,
  }));
}

function doubts(model: JitsiConfigModel): readonly Finding[] {
  return OPTIONS.flatMap((option) => {
    const place = placeOf(model, option);
    const reading = place?.slot === undefined ? undefined : readPlace(model, place);
    if (reading?.is !== 'in-doubt') return [];
    return {
      code: 'in-doubt',
      at: positionAt(model.script.text, reading.doubt.at),
      breaks: `What \`${nameOf([option])}\` is for a browser cannot be told: ${reading.doubt.why}.`,
      fix: 'Set it once, outside of conditions, loops and functions.',
    };
  });
}

function overridden(model: JitsiConfigModel): readonly Finding[] {
  return OPTIONS.flatMap((option) => {
    const place = placeOf(model, option);
    const slot = place?.slot;
    if (place === undefined || slot === undefined || readPlace(model, place).is === 'in-doubt') return [];
    const earlier = slot.writes.slice(0, -1);
    const line = whereWritten(model, slot).line;
    return earlier.slice(0, ENOUGH).map((write) => ({
      code: 'set-twice',
      at: whereWritten(model, { ...slot, writes: [write] }),
      breaks: `\`${nameOf([option])}\` is set again in line ${line}, so what stands here has no effect.`,
      fix: 'Keep one of the two.',
    }));
  });
}

// static/sso.html goes on with `(function …` right after the included config.js.
function lastStatement({ script }: JitsiConfigModel): readonly Finding[] {
  const last = script.program.body.at(-1);
  if (last?.type !== 'ExpressionStatement' && last?.type !== 'VariableDeclaration') return [];
  if (script.text[last.end - 1] === ';') return [];
  return [
    {
      code: 'no-last-semicolon',
      at: positionAt(script.text, last.end),
      breaks:
        'The sign-in page continues with a bracket after this file, which makes its last statement a call: it stops.',
      fix: 'End the last statement with `;`.',
    },
  ];
}
