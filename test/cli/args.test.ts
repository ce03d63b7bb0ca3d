import { deepEqual, equal, match } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Arguments, type Command, readArguments } from '../../src/cli/args.js';

const command = (...argv: readonly string[]): Command => {
  const read = readArguments(argv);
  if (read.is === 'command') return read.command;
  throw new Error(read.stderr);
};
const answer = (...argv: readonly string[]): Arguments & { is: 'answer' } => {
  const read = readArguments(argv);
  if (read.is === 'answer') return read;
  throw new Error(`${argv.join(' ')} was taken`);
};

const defaults = {
  inventory: 'inventory/hosts.yml',
  tags: [],
  forks: 10,
  set: [],
  onFailure: 'rollback',
  json: false,
  quiet: false,
  verbose: false,
  color: true,
  yes: false,
  acceptNewHostKeys: false,
};

describe('the command line', () => {
  const plain: Readonly<Record<string, object>> = {
    plan: { is: 'plan', exitCode: false },
    apply: { is: 'apply', prove: false },
    rollback: { is: 'rollback' },
    drift: { is: 'drift' },
    doctor: { is: 'doctor' },
    verify: { is: 'verify', outside: false },
  };
  for (const [name, expected] of Object.entries(plain)) {
    it(`${name} takes every flag as its default`, () => {
      deepEqual(command(name), { ...expected, flags: defaults });
    });
  }

  const flags: Readonly<Record<string, object>> = {
    '-i x.yml': { inventory: 'x.yml' },
    '--inventory=x.yml': { inventory: 'x.yml' },
    '--limit eu,!meet-1': { limit: 'eu,!meet-1' },
    '--tags a,b --tags c': { tags: ['a', 'b', 'c'] },
    '--forks 3': { forks: 3 },
    '--set a.b=1 --set c=x=y': { set: ['a.b=1', 'c=x=y'] },
    '--on-failure stop': { onFailure: 'stop' },
    '--json': { json: true },
    '-q': { quiet: true },
    '-v': { verbose: true },
    '--no-color': { color: false },
    '-y': { yes: true },
    '--timeout 90s': { timeoutMs: 90_000 },
    '--timeout 10m': { timeoutMs: 600_000 },
    '--timeout 1.5h': { timeoutMs: 5_400_000 },
    '--timeout 250ms': { timeoutMs: 250 },
    '--accept-new-host-keys': { acceptNewHostKeys: true },
  };
  for (const [text, expected] of Object.entries(flags)) {
    it(`takes ${text} before and after the command`, () => {
      const words = text.split(' ');
      deepEqual(command('apply', ...words).flags, { ...defaults, ...expected });
      deepEqual(command(...words, 'apply').flags, { ...defaults, ...expected });
    });
  }

  it('takes the flags of single commands', () => {
    deepEqual(command('plan', '--out', 'p.json', '--exit-code'), {
      is: 'plan',
      flags: defaults,
      out: 'p.json',
      exitCode: true,
    });
    deepEqual(command('apply', '--plan', 'p.json', '--prove'), {
      is: 'apply',
      flags: defaults,
      plan: 'p.json',
      prove: true,
    });
    deepEqual(command('rollback', '2026-11-24T08-25-18Z-ab12'), {
      is: 'rollback',
      flags: defaults,
      run: '2026-11-24T08-25-18Z-ab12',
    });
  });

  const refusals: Readonly<Record<string, string>> = {
    'plan --inventry x':
      "unknown option '--inventry'\n(Did you mean --inventory?)\nnext: orchestrate plan --help\n",
    aply: "unknown command 'aply'\n(Did you mean apply?)\nnext: orchestrate --help\n",
    'plan --forks abc':
      "option '--forks <n>' argument 'abc' is invalid. It must be a whole number from 1 to 9999.\nnext: orchestrate --help\n",
    'plan --forks 0':
      "option '--forks <n>' argument '0' is invalid. It must be a whole number from 1 to 9999.\nnext: orchestrate --help\n",
    'plan --forks 1e3':
      "option '--forks <n>' argument '1e3' is invalid. It must be a whole number from 1 to 9999.\nnext: orchestrate --help\n",
    'plan --timeout 5':
      "option '--timeout <time>' argument '5' is invalid. It must be a time such as 90s, 10m or 1h.\nnext: orchestrate --help\n",
    'plan --timeout 0s':
      "option '--timeout <time>' argument '0s' is invalid. It must be a time such as 90s, 10m or 1h.\nnext: orchestrate --help\n",
    'plan --timeout 999h':
      "option '--timeout <time>' argument '999h' is invalid. It must be a time such as 90s, 10m or 1h.\nnext: orchestrate --help\n",
    'apply --set x':
      "option '--set <key=value>' argument 'x' is invalid. It must be of the form key.path=value.\nnext: orchestrate --help\n",
    'apply --on-failure no':
      "option '--on-failure <what>' argument 'no' is invalid. Allowed choices are rollback, stop, continue.\nnext: orchestrate --help\n",
    'apply --plan': "option '--plan <file>' argument missing\nnext: orchestrate apply --help\n",
    'apply -q -v':
      "option '-q, --quiet' cannot be used with option '-v, --verbose'\nnext: orchestrate --help\n",
    'plan extra':
      "too many arguments for 'plan'. Expected 0 arguments but got 1.\nnext: orchestrate plan --help\n",
    'drift --prove': "unknown option '--prove'\nnext: orchestrate drift --help\n",
    'rollback ../x':
      "command-argument value '../x' is invalid for argument 'run'. It must be the name of a run, as apply printed it.\nnext: orchestrate rollback --help\n",
    'verify --watch': "option '--watch <time>' argument missing\nnext: orchestrate verify --help\n",
    'drift --watch': "unknown option '--watch'\nnext: orchestrate drift --help\n",
    'rollback --delete-data': "unknown option '--delete-data'\nnext: orchestrate rollback --help\n",
  };
  for (const [text, stderr] of Object.entries(refusals)) {
    it(`refuses: ${text}`, () => {
      deepEqual(answer(...text.split(' ')), { is: 'answer', stdout: '', stderr, exitCode: 2 });
    });
  }

  for (const later of [
    'init',
    'resume',
    'uninstall',
    'upgrade',
    'graph',
    'runs',
    'report',
    'unlock',
    'completion',
    'schema',
  ]) {
    it(`does not know ${later} yet`, () => {
      equal(answer(later).exitCode, 2);
      match(answer(later).stderr, /^unknown command/);
    });
  }

  it('without a command prints its help as an error', () => {
    const { stdout, stderr, exitCode } = answer();
    deepEqual([stdout, exitCode], ['', 2]);
    match(stderr, /^Usage: orchestrate/);
  });

  it('knows its version', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    deepEqual(answer('--version'), { is: 'answer', stdout: `${version}\n`, stderr: '', exitCode: 0 });
  });

  it('teaches: what it is, every flag, every command, examples, exit codes', () => {
    const { stdout, exitCode } = answer('--help');
    equal(exitCode, 0);
    equal(stdout, readFileSync(new URL('help.golden.txt', import.meta.url), 'utf8'));
  });

  it('shows the global flags in the help of a command too', () => {
    const { stdout } = answer('apply', '--help');
    match(
      stdout,
      /^Usage: orchestrate apply \[options\]\n\nPlan, ask, do it, check it\.\nA host on which it fails/,
    );
    match(stdout, /Global Options:[^]*--accept-new-host-keys/);
  });
});
