import type { FailureData } from './failure.js';
import type { Difference } from './kind.js';
import type { Address } from './task.js';

/** How a host came out of a command. */
export type HostOutcome =
  | 'done'
  | 'unchanged'
  | 'failed'
  | 'rolled-back'
  | 'needs-a-person'
  | 'unreachable'
  | 'skipped';

/** A decision, as it is told to people and programs. */
export interface TaskPlan {
  readonly is: 'settled' | 'change' | 'unmet' | 'owed' | 'to-prove' | 'deferred' | 'failed';
  /** What kind of change it is. */
  readonly change?: 'create' | 'update' | 'remove';
  /** One line: why it is owed, what it waits for, what does not hold. */
  readonly because?: string;
  /** What the host said, where something does not hold. */
  readonly evidence?: readonly string[];
  /** What to do about it. */
  readonly next?: string;
  readonly differences?: readonly Difference[];
  readonly warnings?: readonly string[];
}

/** Everything that happens, in order. Texts are free of secrets and of control characters. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly command: string;
      readonly graph: string;
      readonly hosts: readonly string[];
    }
  | { readonly type: 'host-connected'; readonly host: string; readonly ms: number }
  | { readonly type: 'host-failed'; readonly host: string; readonly failure: FailureData }
  /** Something worth knowing that stops nothing. */
  | { readonly type: 'finding'; readonly host: string; readonly text: string }
  | { readonly type: 'task-planned'; readonly host: string; readonly task: Address; readonly plan: TaskPlan }
  | { readonly type: 'task-started'; readonly host: string; readonly task: Address; readonly doing: string }
  | {
      readonly type: 'task-attempt';
      readonly host: string;
      readonly task: Address;
      readonly attempt: number;
      readonly because: string;
    }
  | { readonly type: 'task-progress'; readonly host: string; readonly task: Address; readonly line: string }
  | {
      readonly type: 'task-done';
      readonly host: string;
      readonly task: Address;
      readonly changed: boolean;
      readonly ms: number;
      readonly note?: string;
      /** It was a proof, and it was carried out. */
      readonly proof?: true;
    }
  | {
      readonly type: 'task-failed';
      readonly host: string;
      readonly task: Address;
      readonly failure: FailureData;
      readonly ms: number;
    }
  | {
      readonly type: 'tasks-skipped';
      readonly host: string;
      readonly count: number;
      readonly because: Address;
    }
  | {
      readonly type: 'undo-planned';
      readonly host: string;
      readonly task: Address;
      readonly run: string;
      readonly change: 'create' | 'update' | 'remove';
      readonly differences: readonly Difference[];
    }
  | { readonly type: 'undo-started'; readonly host: string; readonly changes: number }
  | {
      readonly type: 'task-undone';
      readonly host: string;
      readonly task: Address;
      readonly ms: number;
      readonly note?: string;
    }
  | {
      readonly type: 'undo-failed';
      readonly host: string;
      readonly task: Address;
      readonly failure: FailureData;
    }
  | {
      readonly type: 'host-done';
      readonly host: string;
      readonly outcome: HostOutcome;
      readonly changed: number;
      readonly ms: number;
    }
  /** The command as a whole could not be carried out: an inventory that is wrong, a bug. */
  | { readonly type: 'run-failed'; readonly failure: FailureData }
  | {
      readonly type: 'figures';
      readonly handshakes: number;
      readonly roundTrips: Readonly<Record<string, number>>;
      readonly ms: number;
    }
  | {
      readonly type: 'summary';
      readonly run: string;
      readonly exitCode: number;
      readonly changed: number;
      readonly hosts: Readonly<Record<string, { readonly outcome: HostOutcome; readonly changed: number }>>;
    };

/** Receives events. Reporters and the log are made of it. */
export interface Reporter {
  report(event: RunEvent, at: Date): void;
  /** Leaves the terminal to a question. */
  pause?(): Promise<void>;
  /** Ends the view: nothing is drawn after it. */
  close(): Promise<void>;
}
