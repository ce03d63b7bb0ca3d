import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { GraphPlan } from '../engine/plan.js';
import { sha256 } from '../lib/digest.js';
import { canonical, type Json } from '../lib/json.js';
import type { Decision } from '../model/decision.js';
import { Failed } from '../model/failure.js';

const savedPlan = z.strictObject({
  orchestrate: z.literal('plan'),
  version: z.literal(1),
  graph: z.string(),
  /** Digest of the decision on each task, its state before and after included. */
  tasks: z.record(z.string(), z.string()),
});

/** A plan that somebody looked at, to be carried out as it is or not at all. */
export type SavedPlan = z.infer<typeof savedPlan>;

/** Saves a plan. The file holds digests only: no content and no secret. */
export async function savePlan(path: string, plan: GraphPlan): Promise<void> {
  await writeFile(path, `${JSON.stringify(saved(plan), null, 2)}\n`, { mode: 0o600 });
}

/** @throws Failed `configuration` when the file is missing or no plan */
export async function loadPlan(path: string): Promise<SavedPlan> {
  try {
    return savedPlan.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new Failed(
      {
        reason: 'configuration',
        what: `${path} is no saved plan`,
        evidence: [cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : ''],
        next: `make one with: orchestrate plan --out ${path}`,
      },
      { cause },
    );
  }
}

/** The tasks on which a fresh plan decides otherwise than the saved one. */
export function differencesFrom(old: SavedPlan, fresh: GraphPlan): readonly string[] {
  const now = saved(fresh);
  const all = [...new Set([...Object.keys(old.tasks), ...Object.keys(now.tasks)])];
  return all.filter((task) => old.tasks[task] !== now.tasks[task]);
}

const saved = (plan: GraphPlan): SavedPlan => ({
  orchestrate: 'plan',
  version: 1,
  graph: plan.graph.name,
  tasks: Object.fromEntries(plan.planned.map(({ task, decision }) => [task.address, digestOf(decision)])),
});

/** What a decision would do, and from what; how a check puts it in words does not count. */
function digestOf(decision: Decision): string {
  const said: Json =
    decision.is === 'change'
      ? { is: 'change', id: decision.id, from: decision.from, to: decision.to }
      : { is: decision.is };
  return sha256(canonical(said)).slice(0, 32);
}
