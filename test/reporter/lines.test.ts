import { deepEqual, equal } from 'node:assert/strict';
import { linesReporter } from '../../src/reporter/lines.js';
import { outputTo, painter } from '../../src/reporter/terminal.js';
import type { TellerOptions } from '../../src/reporter/teller.js';
import type { RunEvent } from '../../src/model/event.js';
import { FakeTerminal } from '../support/fake-terminal.js';
import { type Timed, timeOf, twoHosts } from '../support/run-events.js';

async function told(
  events: readonly Timed[],
  options: Partial<TellerOptions> = {},
  pauseAt = Infinity,
): Promise<{ out: string; problems: string }> {
  const [out, problems] = [new FakeTerminal({ isTTY: false }), new FakeTerminal({ isTTY: false })];
  const reporter = linesReporter(
    { out: outputTo(out), problems: outputTo(problems) },
    { command: 'apply', paint: painter(false), verbosity: 'normal', ...options },
  );
  for (const [second, event] of events) {
    if (second >= pauseAt) await reporter.pause?.();
    reporter.report(event, timeOf(second));
  }
  await reporter.close();
  return { out: out.text, problems: problems.text };
}

const plan = `meet-1:
  ~ file.patch:nginx
      --- /etc/nginx/a.conf
      +++ /etc/nginx/a.conf
      @@ -1,2 +1,2 @@
       server {
      -  listen 80;
      +  listen 443;
  ! service.restart:prosody  because of meet-1/file.patch:prosody
      ! restarting Prosody drops running calls: 3 people

meet-22:
  + docker.container:keycloak
      image: absent -> keycloak:26.7.3
  ? keycloak.realm:jitsi-realm  known after meet-22/docker.container:keycloak

Plan: 1 to create, 1 to change, 1 to restart or reload, 1 known later; 1 as it should be
`;

const end = `
meet-1   done            2 changes
meet-22  rolled back     0 changes   docker.container:keycloak: exited with code 1 before it was healthy
2 hosts: 1 done, 1 rolled back; 2 changes; 2 SSH handshakes; 5 to 9 round trips a host; 1 m 06 s
exit code 1, run 2026-11-24T08-25-18Z-ab12
`;

describe('plain lines', () => {
  it('tell waiting for the same thing now and then, a new reason at once, and all of it when asked', async () => {
    const attempt = (second: number, number: number, because: string): Timed => [
      second,
      { type: 'task-attempt', host: 'h', task: 'h/http.healthy:keycloak', attempt: number, because },
    ];
    const events = [
      attempt(0, 1, 'no answer'),
      attempt(2, 2, 'no answer'),
      attempt(4, 3, '503'),
      attempt(6, 4, '503'),
      attempt(14, 5, '503'),
    ];
    const numbers = ({ out }: { out: string }) =>
      [...out.matchAll(/attempt (\d)/g)].map(([, number]) => Number(number));
    deepEqual(numbers(await told(events)), [1, 3, 5]);
    deepEqual(numbers(await told(events, { verbosity: 'verbose' })), [1, 2, 3, 4, 5]);
  });

  it('tell a run: the plan, one line an event, failures in three parts, and what it came to', async () => {
    const { out, problems } = await told(twoHosts);
    equal(
      out,
      `   0.0s           apply      jitsi-keycloak on meet-1, meet-22, run 2026-11-24T08-25-18Z-ab12
   0.3s  meet-1   connected  in 312 ms
   0.4s  meet-22  connected  in 398 ms
   0.5s  meet-22  note       its clock is 4 s behind
${plan}   3.2s  meet-1   changed    file.patch:nginx in 212 ms
   4.0s  meet-22             docker.container:keycloak: pulling 10 %
  15.0s  meet-22             docker.container:keycloak: pulling 90 %
  16.0s  meet-22  again      docker.container:keycloak: attempt 2, because the registry answered 429
  20.0s  meet-1   done       2 changes in 17.0 s
  65.0s  meet-22  failed     docker.container:keycloak: exited with code 1 before it was healthy
             Error: database is locked
             Exiting
           next: orchestrate rollback shows what there is to put back
  65.0s  meet-22  skipped    4 tasks behind meet-22/docker.container:keycloak
  65.0s  meet-22  undoing    1 change
  66.0s  meet-22  undone     docker.container:keycloak in 900 ms
  66.0s  meet-22  rolled back 0 changes in 1 m 03 s
${end}`,
    );
    equal(problems, '');
  });

  it('tell only failures, findings and the end with --quiet', async () => {
    const { out } = await told(twoHosts, { verbosity: 'quiet' });
    equal(
      out,
      `   0.5s  meet-22  note       its clock is 4 s behind
  65.0s  meet-22  failed     docker.container:keycloak: exited with code 1 before it was healthy
             Error: database is locked
             Exiting
           next: orchestrate rollback shows what there is to put back
${end}`,
    );
  });

  it('tell also what began and what was right already with --verbose', async () => {
    const { out } = await told(twoHosts, { verbosity: 'verbose' });
    const lines = out.split('\n');
    equal(lines.includes('  = docker.volume:keycloak_data'), true);
    equal(lines.includes('   3.0s  meet-1   doing      file.patch:nginx: change'), true);
    equal(lines.includes('   3.3s  meet-1   ok         http.healthy:keycloak in 80 ms: UP'), true);
    equal(lines.filter((line) => line.includes('pulling')).length, 3);
  });

  it('show the plan before a question, also with --quiet, and not again', async () => {
    const { out } = await told(twoHosts, { verbosity: 'quiet' }, 3);
    equal(out.includes(plan), true);
    equal(out.split('Plan:').length, 2);
  });

  it('show the plan as the result of a command that only reads', async () => {
    const reading = twoHosts.filter(([second]) => second <= 1);
    const summary: RunEvent = {
      type: 'summary',
      run: 'r',
      exitCode: 10,
      changed: 0,
      hosts: {
        'meet-1': { outcome: 'unchanged', changed: 0 },
        'meet-22': { outcome: 'unchanged', changed: 0 },
      },
    };
    const { out } = await told([...reading, [2, summary]], { command: 'drift', verbosity: 'quiet' });
    equal(
      out,
      `   0.5s  meet-22  note       its clock is 4 s behind
${plan}
2 hosts: 2 unchanged; 0 changes
exit code 10, run r
`,
    );
  });

  it('say on stderr why a command could not be carried out', async () => {
    const { out, problems } = await told([
      [
        0,
        {
          type: 'run-failed',
          failure: {
            reason: 'configuration',
            what: 'hosts.yml has a mistake',
            evidence: ['hosts.yml:1:1: bad', '    1 | x'],
            next: 'correct this',
            transient: false,
          },
        },
      ],
      [0, { type: 'summary', run: '', exitCode: 2, changed: 0, hosts: {} }],
    ]);
    equal(out, '');
    equal(problems, 'hosts.yml has a mistake\n    hosts.yml:1:1: bad\n        1 | x\n  next: correct this\n');
  });

  it('name only the hosts that need somebody, when there are many', async () => {
    const names = Array.from({ length: 100 }, (_, n) => `meet-${n}`);
    const hosts = Object.fromEntries(
      names.map((name, n) => [
        name,
        { outcome: n === 7 ? ('needs-a-person' as const) : ('done' as const), changed: 1 },
      ]),
    );
    const { out } = await told([
      [0, { type: 'run-started', run: 'r', command: 'apply', graph: 'g', hosts: names }],
      [
        1,
        {
          type: 'undo-failed',
          host: 'meet-7',
          task: 'meet-7/file:x',
          failure: {
            reason: 'changed-meanwhile',
            what: 'somebody changed it',
            evidence: [],
            next: 'look at it',
            transient: false,
          },
        },
      ],
      [2, { type: 'summary', run: 'r', exitCode: 3, changed: 100, hosts }],
    ]);
    equal(
      out,
      `   0.0s           apply      g on meet-0, meet-1, meet-2 and 97 more hosts, run r
   1.0s  meet-7   not undone file:x: somebody changed it
           next: look at it

meet-7  needs a person  1 change    file:x: somebody changed it
100 hosts: 99 done, 1 needs a person; 100 changes
exit code 3, run r
`,
    );
  });

  it('show why something failed as a chain, from what was seen to the place to mend', async () => {
    const { out } = await told([
      [
        0,
        {
          type: 'task-failed',
          host: 'h',
          task: 'h/proof:p',
          failure: {
            reason: 'check-unmet',
            what: 'h/proof:p: Prosody refuses the token',
            evidence: ["not-allowed: invalid 'iss' claim"],
            causes: [
              { name: 'token-refused', what: 'Prosody refuses the token', where: '/http-bind' },
              { name: 'issuer-scheme', what: 'it accepts http:// only', where: '/a.cfg.lua:12', fix: 'mend' },
            ],
            next: 'mend',
            transient: false,
          },
          ms: 1,
        },
      ],
    ]);
    equal(
      out,
      `   0.0s  failed     proof:p: Prosody refuses the token
             not-allowed: invalid 'iss' claim
           seen: Prosody refuses the token [token-refused]
               at /http-bind
             because: it accepts http:// only [issuer-scheme]
                 at /a.cfg.lua:12
           next: mend
`,
    );
  });

  it('write one line an event: nothing that a host says can move a cursor or begin a line of its own', async () => {
    const nasty = 'a\x1b]52;c;ZXZpbA==\x07b\r\n\u202eevil\u2028\x9b2Jend';
    const { out } = await told(
      [
        [
          0,
          {
            type: 'task-done',
            host: `h${nasty}`,
            task: `h${nasty}/file:${nasty}`,
            changed: true,
            ms: 1,
            note: nasty,
          },
        ],
        [
          0,
          {
            type: 'task-failed',
            host: 'h',
            task: 'h/file:x',
            failure: {
              reason: 'refused',
              what: nasty,
              evidence: [nasty],
              causes: [{ name: nasty, what: nasty, where: nasty, fix: nasty }],
              next: nasty,
              transient: false,
            },
            ms: 1,
          },
        ],
        [
          0,
          {
            type: 'task-planned',
            host: nasty,
            task: nasty,
            plan: {
              is: 'change',
              because: nasty,
              warnings: [nasty],
              evidence: [nasty],
              next: nasty,
              differences: [
                { is: 'field', field: nasty, from: nasty, to: nasty },
                { is: 'note', text: nasty },
                { is: 'text', unified: '-\x1b[2Jx\r\n+y\n' },
              ],
            },
          },
        ],
        [
          0,
          {
            type: 'summary',
            run: nasty,
            exitCode: 1,
            changed: 0,
            hosts: { [nasty]: { outcome: 'failed', changed: 0 } },
          },
        ],
      ],
      { command: 'plan' },
    );
    deepEqual(out.match(/[^\n\P{C}]/gu), null);
    equal(
      out.split('\n').some((line) => line.startsWith('evil')),
      false,
    );
  });
});
