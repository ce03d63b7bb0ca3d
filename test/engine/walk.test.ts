import assert from 'node:assert/strict';
import { type Step, walk } from '../../src/engine/walk.js';
import type { Host } from '../../src/model/host.js';
import type { CheckKind } from '../../src/model/kind.js';
import type { Task } from '../../src/model/task.js';
import { known } from '../../src/probe/probe.js';

const kind: CheckKind<null> = { shape: 'check', name: 'test.ok', probe: () => known({ ok: true }) };

/** `host/name`, and what it needs. */
function taskOf(address: string, ...after: readonly string[]): Task {
  const host: Host = {
    name: address.split('/')[0] ?? '',
    login: {} as Host['login'],
    become: false,
    groups: [],
    vars: {},
  };
  return {
    address,
    host,
    kind,
    name: address,
    props: null,
    after,
    on: [],
    tags: [],
    withinMs: 0,
    preflight: false,
  };
}

/** Runs a walk, and tells in which order tasks began and how many ran at once. */
async function walked(
  tasks: readonly Task[],
  {
    fails = [],
    perHost = 2,
    hosts = 2,
  }: { fails?: readonly string[]; perHost?: number; hosts?: number } = {},
) {
  const began: string[] = [];
  const failed = new Set<string>();
  const running = new Map<string, number>();
  const most = { onHost: 0, hosts: 0 };
  let asked = 0;
  const left = await walk({
    tasks,
    perHost,
    hosts,
    mayStart: ({ host }) => {
      asked += 1;
      return !failed.has(host.name);
    },
    run: async ({ address, host }): Promise<Step> => {
      began.push(address);
      running.set(host.name, (running.get(host.name) ?? 0) + 1);
      most.onHost = Math.max(most.onHost, running.get(host.name) ?? 0);
      most.hosts = Math.max(most.hosts, [...running.values()].filter((number) => number > 0).length);
      await new Promise((resolve) => setImmediate(resolve));
      running.set(host.name, (running.get(host.name) ?? 0) - 1);
      if (!fails.includes(address)) return 'done';
      failed.add(host.name);
      return 'failed';
    },
  });
  return { began, left: left.map(({ address }) => address), most, asked };
}

describe('a walk', () => {
  it('starts the first ready task first, and keeps to its bounds', async () => {
    const tasks = ['a/1', 'a/2', 'a/3', 'b/1', 'c/1', 'c/2'].map((address) => taskOf(address));
    const { began, left, most } = await walked(tasks);
    assert.deepEqual(began, ['a/1', 'a/2', 'b/1', 'a/3', 'c/1', 'c/2']);
    assert.deepEqual([left, most], [[], { onHost: 2, hosts: 2 }]);
  });

  it('waits for what a task needs, on other hosts too, and not for what is no part of it', async () => {
    const tasks = [taskOf('a/1'), taskOf('a/2', 'a/1', 'b/1', 'z/9'), taskOf('b/1'), taskOf('b/2', 'b/1')];
    const { began } = await walked(tasks, { hosts: 1, perHost: 1 });
    assert.deepEqual(began, ['a/1', 'b/1', 'a/2', 'b/2']);
  });

  it('leaves what waits for a failure, and what is not allowed any more', async () => {
    const tasks = [taskOf('a/1'), taskOf('a/2'), taskOf('a/3'), taskOf('b/1', 'a/1'), taskOf('b/2')];
    const { began, left } = await walked(tasks, { fails: ['a/1'] });
    assert.deepEqual(began, ['a/1', 'a/2', 'b/2']);
    assert.deepEqual(left, ['a/3', 'b/1']);
  });

  it('asks about each task once, however many wait', async () => {
    const tasks = Array.from({ length: 400 }, (_, host) =>
      Array.from({ length: 20 }, (_, index) =>
        taskOf(`h${host}/${index}`, ...(index === 0 ? [] : [`h${host}/${index - 1}`])),
      ),
    ).flat();
    const { began, asked } = await walked(tasks, { hosts: 10 });
    assert.deepEqual([began.length, asked], [8000, 8000]);
  }).timeout(20_000);

  it('fails when a task throws', async () => {
    const run = (): Promise<Step> => Promise.reject(new Error('planted'));
    await assert.rejects(
      walk({ tasks: [taskOf('a/1')], perHost: 1, hosts: 1, mayStart: () => true, run }),
      /planted/,
    );
  });
});
