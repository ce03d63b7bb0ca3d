import { deepEqual, equal } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ndjsonReporter } from '../../src/reporter/ndjson.js';
import { outputTo } from '../../src/reporter/terminal.js';
import { FakeTerminal } from '../support/fake-terminal.js';
import { brokenContainer, timeOf, twoHosts } from '../support/run-events.js';

describe('NDJSON', () => {
  it('is one event a line with type and time, and the summary last', async () => {
    const [out, problems] = [new FakeTerminal(), new FakeTerminal()];
    const reporter = ndjsonReporter({ out: outputTo(out), problems: outputTo(problems) });
    for (const [second, event] of twoHosts) reporter.report(event, timeOf(second));
    await reporter.close();
    const lines = out.text.trimEnd().split('\n');
    equal(lines.length, twoHosts.length);
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    deepEqual(
      events.map(({ at, ...event }) => ({ at: new Date(String(at)), event })),
      twoHosts.map(([second, event]) => ({ at: timeOf(second), event })),
    );
    equal(lines[1], '{"type":"host-connected","at":"2026-11-24T08:25:18.310Z","host":"meet-1","ms":312}');
    equal(
      lines.at(-1),
      '{"type":"summary","run":"2026-11-24T08-25-18Z-ab12","exitCode":1,"changed":2,"hosts":{"meet-1":{"outcome":"done","changed":2},"meet-22":{"outcome":"rolled-back","changed":0}},"at":"2026-11-24T08:26:24.100Z"}',
    );
    equal(problems.text, '');
  });

  it('says on stderr, for people, why a command could not be carried out', () => {
    const [out, problems] = [new FakeTerminal(), new FakeTerminal()];
    const reporter = ndjsonReporter({ out: outputTo(out), problems: outputTo(problems) });
    reporter.report({ type: 'run-failed', failure: brokenContainer }, timeOf(0));
    equal((JSON.parse(out.text) as { type: string }).type, 'run-failed');
    equal(problems.text.startsWith('exited with code 1'), true);
  });

  it('goes on when nobody reads any more, and keeps its exit code', () => {
    const source = `
      import { ndjsonReporter } from ${JSON.stringify(fileURLToPath(new URL('../../src/reporter/ndjson.js', import.meta.url)))};
      import { outputTo } from ${JSON.stringify(fileURLToPath(new URL('../../src/reporter/terminal.js', import.meta.url)))};
      const out = outputTo(process.stdout);
      const reporter = ndjsonReporter({ out, problems: outputTo(process.stderr) });
      for (let n = 0; n < 20000; n += 1) {
        reporter.report({ type: 'finding', host: 'h', text: 'x'.repeat(100) }, new Date(0));
        if (n % 1000 === 0) await new Promise(setImmediate);
      }
      await reporter.close();
      process.stderr.write('all told');
      process.exitCode = 10;
    `;
    const script = `node --import tsx --input-type=module -e "$1" 2>&3 | head -1 >/dev/null; echo "\${PIPESTATUS[0]}" >&3`;
    const said = execFileSync('bash', ['-c', `exec 3>&1; ${script}`, '-', source], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    });
    equal(said, 'all told10\n');
  }).timeout(30_000);
});
