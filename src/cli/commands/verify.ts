import { setTimeout as sleep } from 'node:timers/promises';
import type { HostResult } from '../../engine/host-end.js';
import { disconnectAll } from '../../engine/connect.js';
import { verifyAll } from '../../engine/verify.js';
import type { Command } from '../args.js';
import type { Composition } from '../composition.js';
import type { Result } from '../result.js';
import { started } from './plan.js';

/** Runs the proofs of every host, once or for as long as it is watched. Changes nothing. */
export async function verify(
  composition: Composition,
  { outside, watchMs }: Command & { is: 'verify' },
): Promise<Result> {
  const { context, graph } = composition;
  context.emit(started(composition, graph));
  let hosts = await round(composition, outside);
  if (watchMs === undefined) return { hosts };
  while (await pause(watchMs, context.stop)) hosts = await round(composition, outside);
  // What counts is what was seen last.
  return { hosts, endsByStop: true };
}

/** Logs in anew every time: a connection that is kept for hours proves nothing about the host. */
async function round(
  { context, graph, inventory, sessions }: Composition,
  outside: boolean,
): Promise<ReadonlyMap<string, HostResult>> {
  await disconnectAll(sessions.values());
  sessions.clear();
  return verifyAll(
    context,
    { graph, hosts: inventory.selected },
    { outside, onSession: (host, session) => void sessions.set(host, session) },
  );
}

/** Whether there is another round. */
async function pause(ms: number, stop: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined);
  return !stop.aborted;
}
