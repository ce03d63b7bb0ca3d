import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editProsody } from '../../../src/formats/prosody/apply.js';
import { lintProsody } from '../../../src/formats/prosody/lint.js';
import { maskProsody } from '../../../src/formats/prosody/mask.js';
import { undoProsody } from '../../../src/formats/prosody/undo.js';
import { bytesOf, textOf } from '../../../src/formats/source.js';
import { corpusOf, needCorpus } from '../corpus.js';
import { hostsOf, readOrRefusal } from './hosts.js';
import { signInEdits, signInOf } from './sign-in.js';

/** Everything that is done to a file, with whatever is in it. */
function exercise(text: string, domain: string): void {
  const before = bytesOf(text);
  const outcome = editProsody(before, signInEdits(signInOf(domain)));
  maskProsody(text);
  lintProsody([{ path: 'x.cfg.lua', bytes: before }], { domain });
  if (outcome.is !== 'edited') return;
  const undone = undoProsody({ before, after: outcome.bytes, now: outcome.bytes });
  assert(undone.is === 'edited' && textOf(undone.bytes) === text);
}

const megabyte = (piece: string): string => piece.repeat(Math.ceil((1 << 20) / piece.length));
const server = 'VirtualHost "d"\nauthentication = "x"\nmodules_enabled = { "a" }\nComponent "muc.d" "muc"\n';

const hostile: Readonly<Record<string, string>> = {
  'one number': `x = ${megabyte('1')}`,
  'one name': megabyte('a'),
  'open parentheses': `x = ${megabyte('(')}`,
  'open tables': `x = ${megabyte('{')}`,
  backticks: megabyte('`\n'),
  'open strings': megabyte('"\n'),
  dashes: megabyte('-'),
  'empty comments': megabyte('--\n'),
  'comments in comments': megabyte('-- '),
  'open long brackets': megabyte('[['),
  'malformed long brackets': megabyte('[='),
  'one long list': `${server}big = {\n${megabyte('  "entry";\n')}}\n`,
  'one long chain of calls': `f${megabyte('()')}`,
  'one long chain of names': `a${megabyte('.a')} = 1`,
  'one long sum': `x = 1${megabyte('+1')}`,
  'one long concatenation': `x = ""${megabyte('..""')}`,
  'many assignments': megabyte('a=1 '),
  'one section many times': megabyte('VirtualHost "d"\n'),
  'many sections': Array.from({ length: 50_000 }, (_, at) => `VirtualHost "d${at}"\n`).join(''),
  'a header called many times': `VirtualHost "d"${megabyte('()')}`,
  'many options': server + Array.from({ length: 40_000 }, (_, at) => `o${at} = "${at}"\n`).join(''),
  'many secrets': megabyte('secret='),
  'nested secrets': megabyte('secret={'),
  'commented secrets': megabyte('--secret={\n'),
  'urls with passwords': `"${megabyte('://a:b@')}`,
  'many escapes': `x = "${megabyte('\\z ')}"`,
  blanks: megabyte(' '),
  'carriage returns': megabyte('\r'),
  zeros: megabyte('\0'),
  'many branches': `if a then ${megabyte('elseif a then ')}end`,
  'many jumps': megabyte('goto a '),
  'comments in front': megabyte('-- comment line\n') + server,
  'comments behind': server + megabyte('    -- comment line\n'),
  'many includes': megabyte('Include "a"\n') + server,
};

describe('a damaged or hostile Prosody file', function () {
  this.timeout(300_000);
  const rounds = process.env['ORCHESTRATE_LONG'] ? 200 : 8;

  it('is refused and nothing worse, wherever it is cut off', function () {
    needCorpus(this);
    for (const { bytes } of corpusOf('prosody')) {
      const read = readOrRefusal(bytes);
      const domain = read instanceof Error ? 'd' : (hostsOf(read)[0] ?? 'd');
      const text = textOf(bytes);
      for (let round = 1; round <= rounds; round += 1) {
        exercise(text.slice(0, Math.floor((text.length * round) / (rounds + 1))), domain);
      }
    }
  });

  it('is edited or refused and nothing worse, whichever of its bytes are changed', function () {
    needCorpus(this);
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    for (const { bytes } of corpusOf('prosody')) {
      const read = readOrRefusal(bytes);
      const domain = read instanceof Error ? 'd' : (hostsOf(read)[0] ?? 'd');
      for (const changes of fc.sample(damage, rounds)) {
        const damaged = Uint8Array.from(bytes);
        for (const [where, byte] of changes) damaged[where % damaged.length] = byte;
        exercise(textOf(damaged), domain);
      }
    }
  });

  for (const [what, text] of Object.entries(hostile)) {
    it(`takes less than two seconds each time when it holds a megabyte of ${what}`, () => {
      const steps: readonly (() => void)[] = [
        () => void editProsody(bytesOf(text), signInEdits(signInOf('d'))),
        () => void maskProsody(text),
        () => void lintProsody([{ path: 'x', bytes: bytesOf(text) }], { domain: 'd' }),
      ];
      for (const step of steps) {
        const started = process.cpuUsage();
        step();
        const { user, system } = process.cpuUsage(started);
        assert(user + system < 2_000_000, `${(user + system) / 1000} ms of processor time`);
      }
    });
  }
});
