import { deepEqual, equal } from 'node:assert/strict';
import { planLines, type PlannedTask } from '../../src/reporter/plan-text.js';
import { painter } from '../../src/reporter/terminal.js';
import type { TaskPlan } from '../../src/model/event.js';

const on = (task: string, plan: TaskPlan): PlannedTask => ({ host: 'meet-1', task: `meet-1/${task}`, plan });
const options = { paint: painter(false), showSettled: false, title: 'Plan' };

describe('a plan for people', () => {
  const signs: readonly (readonly [string, TaskPlan, readonly string[]])[] = [
    [
      'a thing to create',
      {
        is: 'change',
        change: 'create',
        differences: [{ is: 'field', field: 'mode', from: 'absent', to: '0644' }],
      },
      ['  + file:x', '      mode: absent -> 0644'],
    ],
    [
      'a thing to change',
      { is: 'change', change: 'update', differences: [{ is: 'note', text: 'a hidden secret differs' }] },
      ['  ~ file:x', '      a hidden secret differs'],
    ],
    ['a change of a kind that is not told', { is: 'change' }, ['  ~ file:x']],
    [
      'a thing to remove',
      { is: 'change', change: 'remove', warnings: ['its data goes'] },
      ['  - file:x', '      ! its data goes'],
    ],
    [
      'a restart',
      { is: 'owed', because: 'meet-1/file:y', warnings: ['drops calls'] },
      ['  ! file:x  because of meet-1/file:y', '      ! drops calls'],
    ],
    [
      'what cannot be known',
      { is: 'deferred', because: 'meet-1/docker.container:keycloak' },
      ['  ? file:x  known after meet-1/docker.container:keycloak'],
    ],
    ['a proof', { is: 'to-prove' }, ['  > file:x  to be proven afterwards']],
    [
      'what does not hold',
      { is: 'unmet', because: 'there are 700 MB', evidence: ['MemTotal: 716800 kB'], next: 'add memory' },
      ['  x file:x  there are 700 MB', '      MemTotal: 716800 kB', '      next: add memory'],
    ],
    [
      'what could not be read',
      { is: 'failed', because: 'the file is a folder' },
      ['  x file:x  the file is a folder'],
    ],
  ];
  for (const [name, plan, lines] of signs) {
    it(`shows ${name}`, () => {
      deepEqual(planLines([on('file:x', plan)], options).slice(0, -2), ['meet-1:', ...lines]);
    });
  }

  it('counts what is as it should be, and lists it on request', () => {
    const tasks = [on('file:a', { is: 'settled' }), on('file:b', { is: 'settled', because: 'made by hand' })];
    deepEqual(planLines(tasks, options), [
      'meet-1: 2 tasks, nothing to do',
      '',
      'Plan: nothing to do; 2 as they should be',
    ]);
    deepEqual(planLines(tasks, { ...options, showSettled: true }), [
      'meet-1:',
      '  = file:a',
      '  = file:b  made by hand',
      '',
      'Plan: nothing to do; 2 as they should be',
    ]);
  });

  it('adds up what is to come', () => {
    const tasks = [
      on('a', { is: 'change', change: 'create' }),
      on('b', { is: 'change', change: 'create' }),
      on('c', { is: 'change', change: 'update' }),
      on('d', { is: 'change', change: 'remove' }),
      on('e', { is: 'owed' }),
      on('f', { is: 'deferred', because: 'x' }),
      on('g', { is: 'to-prove' }),
      on('h', { is: 'unmet' }),
      on('i', { is: 'failed' }),
      on('j', { is: 'settled' }),
    ];
    equal(
      planLines(tasks, options).at(-1),
      'Plan: 2 to create, 1 to change, 1 to remove, 1 to restart or reload, 1 known later, 1 to prove, 2 in the way; 1 as it should be',
    );
  });

  it('colours diffs by line', () => {
    const unified = '--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n';
    const lines = planLines([on('file:x', { is: 'change', differences: [{ is: 'text', unified }] })], {
      ...options,
      paint: painter(true),
    });
    deepEqual(lines.slice(2, -2), [
      '      \x1b[1m--- a\x1b[22m',
      '      \x1b[1m+++ b\x1b[22m',
      '      \x1b[36m@@ -1 +1 @@\x1b[39m',
      '      \x1b[31m-old\x1b[39m',
      '      \x1b[32m+new\x1b[39m',
      '       same',
    ]);
  });
});
