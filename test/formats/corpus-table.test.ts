import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { textOf } from '../../src/formats/source.js';
import { type CorpusFile, type CorpusFormat, corpusOf, needCorpus } from './corpus.js';
import { makesConfig } from './jitsi-config/browser.js';
import { includesMasked, nodeComplaint } from './jitsi-config/judge.js';
import { jitsiConfigTrials } from './jitsi-config/trials.js';
import { need } from './lua/tool.js';
import { judgeOf, speaksTls } from './nginx/judge.js';
import { needsNginx, stubFolder } from './nginx/real-nginx.js';
import { nginxTrials } from './nginx/trials.js';
import { hostsInProsody, prosodyLua } from './prosody/prosody-judge.js';
import { prosodyTrials } from './prosody/trials.js';
import { resultOf, rowOf, type Trial, whereOf } from './trial.js';

const reviewed = new URL('corpus-outcomes.tsv', import.meta.url);
const formats: readonly CorpusFormat[] = ['prosody', 'nginx', 'jitsi-config'];

/** The files for which the sign-in is meant, as nobody but their own judges say. */
interface Meant {
  readonly accepted: ReadonlySet<string>;
  /** Accepted, and with a host, a server with TLS or an object `config` in it. */
  readonly eligible: ReadonlySet<string>;
}

const names = (files: readonly CorpusFile[]): ReadonlySet<string> => new Set(files.map(({ name }) => name));

function meantByProsody(lua: string): Meant {
  const files = corpusOf('prosody');
  const hosts = hostsInProsody(
    lua,
    files.map(({ bytes }) => textOf(bytes)),
  );
  return {
    accepted: names(files.filter((_, at) => hosts[at] !== undefined)),
    eligible: names(files.filter((_, at) => (hosts[at]?.length ?? 0) > 0)),
  };
}

function meantByNginx(): Meant {
  const folder = stubFolder();
  try {
    const judge = judgeOf(folder.path);
    const accepted = corpusOf('nginx').filter(({ bytes }) => judge(bytes).accepts);
    return { accepted: names(accepted), eligible: names(accepted.filter(speaksTls)) };
  } finally {
    folder.remove();
  }
}

function meantByNode(): Meant {
  const accepted = corpusOf('jitsi-config').filter(
    ({ bytes }) => nodeComplaint(includesMasked(bytes)) === undefined,
  );
  return {
    accepted: names(accepted),
    eligible: names(accepted.filter(({ bytes }) => makesConfig(bytes))),
  };
}

interface Line {
  readonly format: string;
  readonly files: number;
  readonly accepted: number;
  readonly eligible: number;
  readonly edited: number;
  readonly already: number;
  readonly refused: number;
}

const isRefused = ({ outcome }: Trial): boolean => outcome.is === 'refused';

/** One line of the table. A file with one host that is refused counts as refused. */
function lineOf(format: CorpusFormat, trials: readonly Trial[], { accepted, eligible }: Meant): Line {
  const meant = [...eligible].map((name) => trials.filter(({ file }) => file.name === name));
  const refused = meant.filter((each) => each.some(isRefused));
  const already = meant.filter((each) => each.every(({ outcome }) => outcome.is === 'already'));
  const edited = meant.filter(
    (each) => !each.some(isRefused) && each.some(({ outcome }) => outcome.is === 'edited'),
  );
  return {
    format,
    files: new Set(trials.map(({ file }) => file.name)).size,
    accepted: accepted.size,
    eligible: eligible.size,
    edited: edited.length,
    already: already.length,
    refused: refused.length,
  };
}

const sum = (lines: readonly Line[], of: Exclude<keyof Line, 'format'>): number =>
  lines.reduce((total, line) => total + line[of], 0);

function totalOf(lines: readonly Line[]): Line {
  const of = (column: Exclude<keyof Line, 'format'>): number => sum(lines, column);
  return {
    format: 'all',
    files: of('files'),
    accepted: of('accepted'),
    eligible: of('eligible'),
    edited: of('edited'),
    already: of('already'),
    refused: of('refused'),
  };
}

function refusalsByReason(trials: readonly Trial[]): string {
  const codes = trials.filter(isRefused).map(resultOf);
  return [...new Set(codes)]
    .map((code) => [code, codes.filter((each) => each === code).length] as const)
    .sort(([, left], [, right]) => right - left)
    .map(([code, count]) => `${code} ${count}`)
    .join(', ');
}

/** The table: `accepted` by its own judge, `eligible` when it also holds what the sign-in is for; the rest among these. */
describe('the sign-in over the whole corpus', function () {
  this.timeout(120_000);
  const trials: readonly Trial[] = [...prosodyTrials(), ...nginxTrials(), ...jitsiConfigTrials()];

  before(function () {
    needCorpus(this);
  });

  it('comes out as the reviewed table says', () => {
    const rows = trials.map((trial) => `${rowOf(trial)}\n`).join('');
    if (process.env['ORCHESTRATE_REVIEW'] === '1') writeFileSync(reviewed, rows);
    assert.equal(rows, readFileSync(reviewed, 'utf8'), 'ORCHESTRATE_REVIEW=1 writes the new table');
  });

  it('is refused in at most 3 % of the files that it is meant for', function () {
    need(this, prosodyLua, 'prosody');
    needsNginx(this);
    const meant = {
      prosody: meantByProsody(prosodyLua),
      nginx: meantByNginx(),
      'jitsi-config': meantByNode(),
    } as const;
    const of = (format: CorpusFormat) => trials.filter((trial) => trial.format === format);
    const lines = formats.map((format) => lineOf(format, of(format), meant[format]));
    const total = totalOf(lines);
    console.table([...lines, total].map((line) => ({ ...line, percent: percent(line) })));
    const refused = trials.filter(
      (trial) => isRefused(trial) && meant[trial.format].eligible.has(trial.file.name),
    );
    for (const trial of refused) console.info(`      refused though eligible: ${rowOf(trial)}`);
    for (const format of formats)
      console.info(`      refused in ${format}, eligible or not: ${refusalsByReason(of(format))}`);
    assert.ok(total.eligible >= 140 && total.refused <= 0.03 * total.eligible);
    assert.equal(total.edited + total.already + total.refused, total.eligible);
    const unread = trials.filter(
      (trial) => resultOf(trial) === 'syntax' && meant[trial.format].accepted.has(trial.file.name),
    );
    assert.deepEqual(unread.map(whereOf), [], 'the judge accepts what our parser does not');
  });
});

const percent = ({ refused, eligible }: Line): string => ((100 * refused) / eligible).toFixed(1);
