import type { Planned } from '../model/decision.js';
import { Failed, type FailureData } from '../model/failure.js';
import { unmet } from './perform.js';

/** Why a plan may not be carried out on a host, for one of its tasks. */
export function blocking({ task, decision }: Planned): FailureData | null {
  if (decision.is === 'failed') return decision.failure;
  return decision.is === 'unmet' && task.preflight ? unmet(task, decision).failure : null;
}

/** Another run began on the host and did not end. */
export const unfinished = (host: string, run: string): FailureData =>
  new Failed({
    reason: 'unfinished-run',
    what: `run ${run} on ${host} did not end`,
    next: `put it back with: orchestrate rollback ${run} --limit ${host}`,
  }).failure;
