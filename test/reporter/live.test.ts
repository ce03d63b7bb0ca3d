import { deepEqual, equal } from 'node:assert/strict';
import type { RunEvent } from '../../src/model/event.js';
import { liveReporter } from '../../src/reporter/live.js';
import { outputTo, painter } from '../../src/reporter/terminal.js';
import { FakeTerminal } from '../support/fake-terminal.js';
import { timeOf, twoHosts } from '../support/run-events.js';

/** A live view whose time and frames the test makes by hand. */
function watch(terminal: FakeTerminal, verbosity: 'normal' | 'verbose' = 'normal') {
  const clock = { ms: 0 };
  const drawing: { draw: (() => void) | null } = { draw: null };
  const reporter = liveReporter({
    command: 'apply',
    paint: painter(false),
    verbosity,
    out: outputTo(terminal),
    isUnicode: true,
    now: () => clock.ms,
    every: (draw) => {
      drawing.draw = draw;
      return () => {
        drawing.draw = null;
      };
    },
  });
  return {
    reporter,
    isDrawing: () => drawing.draw !== null,
    at: (second: number, ...events: readonly RunEvent[]) => {
      clock.ms = second * 1000;
      for (const event of events) reporter.report(event, timeOf(second));
    },
    frame: (second: number) => {
      clock.ms = second * 1000;
      drawing.draw?.();
    },
  };
}

const started = (hosts: readonly string[]): RunEvent => ({
  type: 'run-started',
  run: 'r',
  command: 'apply',
  graph: 'g',
  hosts,
});
const fleet = (size: number): readonly string[] => Array.from({ length: size }, (_, n) => `meet-${n}`);
const working = (host: string): RunEvent => ({
  type: 'task-started',
  host,
  task: `${host}/docker.container:keycloak`,
  doing: 'create',
});

describe('the live view', () => {
  it('shows what each host is doing below what has happened', async () => {
    const terminal = new FakeTerminal();
    const { reporter, at, frame } = watch(terminal);
    for (const [second, event] of twoHosts.filter(([time]) => time < 15)) at(second, event);
    frame(15);
    deepEqual(terminal.screen().slice(-5), [
      '   3.2s  meet-1   changed    file.patch:nginx in 212 ms',
      '   4.0s  meet-22             docker.container:keycloak: pulling 10 %',
      '⠋ meet-1   0:12',
      '⠋ meet-22  0:12  docker.container:keycloak: pulling 50 %',
      '0/2 hosts, 2 at work, 1 changed, 0:15',
    ]);
    for (const [second, event] of twoHosts.filter(([time]) => time >= 15)) at(second, event);
    await reporter.close();
    deepEqual(terminal.screen().slice(-5), [
      '',
      'meet-1   done            2 changes',
      'meet-22  rolled back     0 changes   docker.container:keycloak: exited with code 1 before it was healthy',
      '2 hosts: 1 done, 1 rolled back; 2 changes; 2 SSH handshakes; 5 to 9 round trips a host; 1 m 06 s',
      'exit code 1, run 2026-11-24T08-25-18Z-ab12',
    ]);
  });

  it('never draws more than ten hosts and the totals, however many there are', async () => {
    const terminal = new FakeTerminal();
    const { reporter, at, frame } = watch(terminal);
    const hosts = fleet(1000);
    at(0, started(hosts), ...hosts.map((host): RunEvent => ({ type: 'host-connected', host, ms: 1 })));
    frame(1);
    terminal.writes.length = 0;
    at(2, ...hosts.map(working));
    equal(terminal.writes.length, 0);
    frame(2.1);
    equal(terminal.writes.length, 1);
    const drawn = terminal.text.split('\n').length - 1;
    equal(drawn, 12);
    deepEqual(terminal.screen().slice(-3), [
      '⠙ meet-9  0:00  docker.container:keycloak: create',
      '  and 990 more at work',
      '0/1000 hosts, 1000 at work, 0 changed, 0:02',
    ]);
    await reporter.close();
  });

  it('fits a terminal of 20 columns and 6 rows', async () => {
    const terminal = new FakeTerminal({ columns: 20, rows: 6 });
    const { reporter, at, frame } = watch(terminal);
    const hosts = fleet(5);
    at(0, started(hosts), ...hosts.map(working));
    frame(1);
    deepEqual(terminal.screen().slice(-5), [
      '⠋ meet-0  0:01  do…',
      '⠋ meet-1  0:01  do…',
      '⠋ meet-2  0:01  do…',
      '  and 2 more at wo…',
      '0/5 hosts, 5 at wo…',
    ]);
    await reporter.close();
  });

  it('erases exactly its own lines after the terminal became narrower or wider', async () => {
    const terminal = new FakeTerminal({ columns: 100 });
    const { reporter, at, frame } = watch(terminal);
    at(0, started(['meet-1']), working('meet-1'));
    for (const columns of [100, 23, 7, 61, 200]) {
      terminal.columns = columns;
      frame(columns);
    }
    await reporter.close();
    deepEqual(terminal.screen(), ['   0.0s          apply      g on meet-1, run r']);
  });

  it('leaves the terminal to a question, with the plan above it, and goes on afterwards', async () => {
    const terminal = new FakeTerminal();
    const { reporter, at, frame, isDrawing } = watch(terminal);
    for (const [second, event] of twoHosts.filter(([time]) => time <= 1)) at(second, event);
    frame(1.1);
    await reporter.pause?.();
    equal(isDrawing(), false);
    equal(
      terminal.screen().at(-1),
      'Plan: 1 to create, 1 to change, 1 to restart or reload, 1 known later; 1 as it should be',
    );
    terminal.write('Apply this? [y/N] y\n');
    at(5, working('meet-1'));
    frame(5.1);
    deepEqual(terminal.screen().slice(-3), [
      'Apply this? [y/N] y',
      '⠙ meet-1  0:00  docker.container:keycloak: create',
      '0/2 hosts, 1 at work, 0 changed, 0:05',
    ]);
    await reporter.close();
  });

  it('draws nothing after it was closed, and leaves no listener and no timer', async () => {
    const terminal = new FakeTerminal();
    const signals = [
      'SIGINT',
      'SIGTERM',
      'SIGHUP',
      'SIGWINCH',
      'exit',
      'uncaughtException',
      'unhandledRejection',
    ];
    const listeners = () => [
      ...signals.map((signal) => process.listenerCount(signal)),
      ...['resize', 'finish', 'close', 'drain'].map((name) => terminal.listenerCount(name)),
      process.stdout.listenerCount('resize'),
    ];
    const before = listeners();
    const { reporter, at, frame, isDrawing } = watch(terminal);
    at(0, started(['meet-1']), working('meet-1'));
    await new Promise(setImmediate);
    frame(1);
    deepEqual(listeners(), before);
    await reporter.close();
    equal(isDrawing(), false);
    deepEqual(listeners(), before);
    const written = terminal.writes.length;
    frame(2);
    equal(terminal.writes.length, written);
  });

  it('ends also when the run never said how its hosts ended, or never began', async () => {
    for (const events of [[started(['meet-1'])], []]) {
      const { reporter, at, isDrawing } = watch(new FakeTerminal());
      at(0, ...events);
      await reporter.close();
      equal(isDrawing(), false);
    }
  });

  it('says why a command could not be carried out, with no frame around it', async () => {
    const terminal = new FakeTerminal();
    const { reporter, at } = watch(terminal);
    at(0, {
      type: 'run-failed',
      failure: {
        reason: 'configuration',
        what: 'hosts.yml has a mistake',
        evidence: [],
        next: 'correct this',
        transient: false,
      },
    });
    at(0, { type: 'summary', run: '', exitCode: 2, changed: 0, hosts: {} });
    await reporter.close();
    deepEqual(terminal.screen(), ['hosts.yml has a mistake', '  next: correct this']);
  });

  it('keeps up with a fleet: 500 hosts with 20 tasks each', async () => {
    const terminal = new FakeTerminal();
    const { reporter, at, frame } = watch(terminal);
    const hosts = fleet(500);
    const began = performance.now();
    at(0, started(hosts));
    for (let task = 0; task < 20; task += 1) {
      at(task, ...hosts.map(working));
      frame(task + 0.5);
      at(
        task + 0.6,
        ...hosts.map(
          (host): RunEvent => ({ type: 'task-done', host, task: `${host}/x:y`, changed: false, ms: 1 }),
        ),
      );
    }
    at(
      30,
      ...hosts.map((host): RunEvent => ({ type: 'host-done', host, outcome: 'done', changed: 1, ms: 1 })),
    );
    await reporter.close();
    const took = performance.now() - began;
    equal(took < 3000, true, `${took} ms`);
    equal(terminal.writes.length < 30, true);
  }).timeout(10_000);
});
