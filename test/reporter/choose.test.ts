import { deepEqual, equal, match } from 'node:assert/strict';
import { type Choice, chooseReporter, mannerOf } from '../../src/reporter/choose.js';
import { FakeTerminal } from '../support/fake-terminal.js';
import { timeOf, twoHosts } from '../support/run-events.js';

const choice = (change: Partial<Choice> = {}, isTTY = true): Choice => ({
  command: 'apply',
  json: false,
  quiet: false,
  verbose: false,
  color: true,
  stdout: new FakeTerminal({ isTTY }),
  stderr: new FakeTerminal({ isTTY }),
  env: { TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  ...change,
});

describe('how events are shown', () => {
  const cases: readonly (readonly [string, Choice, string, boolean])[] = [
    ['on a terminal', choice(), 'live', true],
    ['without a terminal', choice({}, false), 'lines', false],
    ['on a dumb terminal', choice({ env: { TERM: 'dumb' } }), 'lines', false],
    ['in CI, even on a terminal', choice({ env: { TERM: 'xterm', CI: 'true' } }), 'lines', true],
    ['with --quiet', choice({ quiet: true }), 'lines', true],
    ['with --json', choice({ json: true }), 'ndjson', false],
    ['with --json on no terminal', choice({ json: true }, false), 'ndjson', false],
    ['with --no-color', choice({ color: false }), 'live', false],
    ['with NO_COLOR', choice({ env: { NO_COLOR: '1' } }), 'live', false],
    ['with an empty NO_COLOR and CI', choice({ env: { NO_COLOR: '', CI: '' } }), 'live', true],
  ];
  for (const [name, given, manner, isColoured] of cases) {
    it(`${name}: ${manner}, ${isColoured ? 'coloured' : 'plain'}`, () => {
      deepEqual(mannerOf(given), { manner, isColoured });
    });
  }

  it('makes the reporter of that manner, on the given streams', async () => {
    for (const [change, isTTY, beginning] of [
      [{}, false, /^ {3}0\.0s {11}apply/],
      [{ json: true }, true, /^\{"type":"run-started"/],
      [{ color: false }, true, /^ {3}0\.0s {11}apply/],
    ] as const) {
      const [stdout, stderr] = [new FakeTerminal({ isTTY }), new FakeTerminal({ isTTY })];
      const reporter = await chooseReporter(choice({ ...change, stdout, stderr }));
      for (const [second, event] of twoHosts) reporter.report(event, timeOf(second));
      await reporter.close();
      match(stdout.text, beginning);
      equal(stderr.text, '');
      equal(stdout.text.includes('\x1b[3'), false);
    }
  });
});
