import type { Json } from '../lib/json.js';
import type { FailureData } from './failure.js';
import type { Difference } from './kind.js';
import type { Address, Task } from './task.js';

/** What is to be done about one task. */
export type Decision =
  | { readonly is: 'settled'; readonly note?: string; readonly findings?: readonly string[] }
  | Change
  /** A check that does not hold now. */
  | {
      readonly is: 'unmet';
      readonly because: string;
      readonly evidence: readonly string[];
      readonly next: string;
      /** Waiting will not help. */
      readonly hopeless: boolean;
    }
  /** A reaction that a change will make due, or that an earlier run still owes. */
  | { readonly is: 'owed'; readonly because: readonly string[]; readonly warnings: readonly string[] }
  /** A proof: it runs when something before it changed. */
  | { readonly is: 'to-prove' }
  /** Cannot be known before these are done. */
  | { readonly is: 'deferred'; readonly until: readonly Address[] }
  | { readonly is: 'failed'; readonly failure: FailureData };

/** A resource that is not as it should be. */
export interface Change {
  readonly is: 'change';
  readonly id: Json;
  readonly from: Json;
  readonly to: Json;
  readonly differences: readonly Difference[];
  readonly warnings: readonly string[];
  readonly blobs: readonly Uint8Array[];
}

/** A task with its decision. */
export interface Planned {
  readonly task: Task;
  readonly decision: Decision;
}

/** Whether a task will do something that what follows it may notice. */
export const acts = (decision: Decision): boolean =>
  decision.is === 'change' || decision.is === 'owed' || decision.is === 'deferred';
