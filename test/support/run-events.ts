import type { RunEvent } from '../../src/model/event.js';
import type { FailureData } from '../../src/model/failure.js';

/** An event with the second at which it happened. */
export type Timed = readonly [second: number, event: RunEvent];

export const brokenContainer: FailureData = {
  reason: 'check-unmet',
  what: 'exited with code 1 before it was healthy',
  evidence: ['Error: database is locked', 'Exiting'],
  next: 'orchestrate rollback shows what there is to put back',
  transient: false,
};

/** Two hosts: one is done, the other fails and is put back. */
export const twoHosts: readonly Timed[] = [
  [
    0,
    {
      type: 'run-started',
      run: '2026-11-24T08-25-18Z-ab12',
      command: 'apply',
      graph: 'jitsi-keycloak',
      hosts: ['meet-1', 'meet-22'],
    },
  ],
  [0.31, { type: 'host-connected', host: 'meet-1', ms: 312 }],
  [0.4, { type: 'host-connected', host: 'meet-22', ms: 398 }],
  [0.5, { type: 'finding', host: 'meet-22', text: 'its clock is 4 s behind' }],
  [
    1,
    {
      type: 'task-planned',
      host: 'meet-1',
      task: 'meet-1/docker.volume:keycloak_data',
      plan: { is: 'settled' },
    },
  ],
  [
    1,
    {
      type: 'task-planned',
      host: 'meet-1',
      task: 'meet-1/file.patch:nginx',
      plan: {
        is: 'change',
        change: 'update',
        warnings: [],
        differences: [
          {
            is: 'text',
            unified:
              '--- /etc/nginx/a.conf\n+++ /etc/nginx/a.conf\n@@ -1,2 +1,2 @@\n server {\n-  listen 80;\n+  listen 443;\n',
          },
        ],
      },
    },
  ],
  [
    1,
    {
      type: 'task-planned',
      host: 'meet-1',
      task: 'meet-1/service.restart:prosody',
      plan: {
        is: 'owed',
        because: 'meet-1/file.patch:prosody',
        warnings: ['restarting Prosody drops running calls: 3 people'],
      },
    },
  ],
  [
    1,
    {
      type: 'task-planned',
      host: 'meet-22',
      task: 'meet-22/docker.container:keycloak',
      plan: {
        is: 'change',
        change: 'create',
        differences: [{ is: 'field', field: 'image', from: 'absent', to: 'keycloak:26.7.3' }],
      },
    },
  ],
  [
    1,
    {
      type: 'task-planned',
      host: 'meet-22',
      task: 'meet-22/keycloak.realm:jitsi-realm',
      plan: { is: 'deferred', because: 'meet-22/docker.container:keycloak' },
    },
  ],
  [3, { type: 'task-started', host: 'meet-1', task: 'meet-1/file.patch:nginx', doing: 'change' }],
  [3, { type: 'task-started', host: 'meet-22', task: 'meet-22/docker.container:keycloak', doing: 'create' }],
  [3.2, { type: 'task-done', host: 'meet-1', task: 'meet-1/file.patch:nginx', changed: true, ms: 212 }],
  [
    3.3,
    {
      type: 'task-done',
      host: 'meet-1',
      task: 'meet-1/http.healthy:keycloak',
      changed: false,
      ms: 80,
      note: 'UP',
    },
  ],
  [
    4,
    {
      type: 'task-progress',
      host: 'meet-22',
      task: 'meet-22/docker.container:keycloak',
      line: 'pulling 10 %',
    },
  ],
  [
    9,
    {
      type: 'task-progress',
      host: 'meet-22',
      task: 'meet-22/docker.container:keycloak',
      line: 'pulling 50 %',
    },
  ],
  [
    15,
    {
      type: 'task-progress',
      host: 'meet-22',
      task: 'meet-22/docker.container:keycloak',
      line: 'pulling 90 %',
    },
  ],
  [
    16,
    {
      type: 'task-attempt',
      host: 'meet-22',
      task: 'meet-22/docker.container:keycloak',
      attempt: 2,
      because: 'the registry answered 429',
    },
  ],
  [20, { type: 'host-done', host: 'meet-1', outcome: 'done', changed: 2, ms: 17_000 }],
  [
    65,
    {
      type: 'task-failed',
      host: 'meet-22',
      task: 'meet-22/docker.container:keycloak',
      failure: brokenContainer,
      ms: 62_000,
    },
  ],
  [65, { type: 'tasks-skipped', host: 'meet-22', count: 4, because: 'meet-22/docker.container:keycloak' }],
  [65, { type: 'undo-started', host: 'meet-22', changes: 1 }],
  [66, { type: 'task-undone', host: 'meet-22', task: 'meet-22/docker.container:keycloak', ms: 900 }],
  [66, { type: 'host-done', host: 'meet-22', outcome: 'rolled-back', changed: 0, ms: 63_000 }],
  [66.1, { type: 'figures', handshakes: 2, roundTrips: { 'meet-1': 5, 'meet-22': 9 }, ms: 66_100 }],
  [
    66.1,
    {
      type: 'summary',
      run: '2026-11-24T08-25-18Z-ab12',
      exitCode: 1,
      changed: 2,
      hosts: {
        'meet-1': { outcome: 'done', changed: 2 },
        'meet-22': { outcome: 'rolled-back', changed: 0 },
      },
    },
  ],
];

/** The time of a second of such a run. */
export const timeOf = (second: number): Date => new Date(Date.UTC(2026, 10, 24, 8, 25, 18) + second * 1000);
