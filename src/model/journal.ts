import { crc32 } from 'node:zlib';
import type { Json } from '../lib/json.js';
import type { FailureData } from './failure.js';
import type { Address } from './task.js';

/** A reaction as a debt: enough to pay it without the graph. */
export interface Debt {
  readonly task: Address;
  readonly kind: string;
  readonly props: Json;
}

/** Written before a change: enough to undo it without the graph. */
export interface Intent {
  readonly is: 'intent';
  readonly run: string;
  readonly at: string;
  /** Counts the changes of one host in one run, from 1. */
  readonly seq: number;
  readonly task: Address;
  readonly kind: string;
  readonly version: number;
  readonly id: Json;
  readonly from: Json;
  readonly to: Json;
  readonly owes: readonly Debt[];
}

/** One line of a journal. The controller's and the host's journal hold the same lines. */
export type JournalRecord =
  | {
      readonly is: 'run';
      readonly run: string;
      readonly at: string;
      readonly command: string;
      readonly graph: string;
      readonly by: string;
    }
  | Intent
  /** The change was made and read back: `left` is what was read, with what could not be known before. */
  | {
      readonly is: 'done';
      readonly run: string;
      readonly at: string;
      readonly seq: number;
      readonly left: Json;
    }
  /** Written before a reaction fires. That its debt is gone shows that it has fired. */
  | { readonly is: 'firing'; readonly run: string; readonly at: string; readonly debt: Debt }
  | { readonly is: 'undone'; readonly run: string; readonly at: string; readonly seq: number }
  | {
      readonly is: 'end';
      readonly run: string;
      readonly at: string;
      readonly outcome: RunEnd;
      /** Why the run did not come to its end, free of secrets. */
      readonly failures?: readonly FailureData[];
    };

/** How a run ended on a host. `kept`: failed, and its changes were left in place on request. */
export type RunEnd = 'done' | 'rolled-back' | 'needs-a-person' | 'kept';

/** A record as a line: checksum, space, JSON, newline. A torn line fails its checksum. */
export function journalLine(record: JournalRecord): string {
  const text = JSON.stringify(record);
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
}

/**
 * The records of a journal. A line that is torn or does not fit its checksum is passed over.
 * The caller checks what a host sent before it believes the fields.
 */
export function readJournal(text: string): readonly JournalRecord[] {
  return text.split('\n').flatMap((line) => {
    const json = line.slice(9);
    const whole = line[8] === ' ' && crc32(json).toString(16).padStart(8, '0') === line.slice(0, 8);
    return whole ? [JSON.parse(json) as JournalRecord] : [];
  });
}

/** One run as a host's journal tells it. */
export interface RunHistory {
  readonly run: string;
  readonly command: string;
  readonly at: string;
  /** Changes that still stand, oldest first. */
  readonly standing: readonly Intent[];
  /** How each change was left, by its number. A change that was not read back is missing here. */
  readonly left: ReadonlyMap<number, Json>;
  /** Reactions that the run began to fire. */
  readonly fired: readonly Debt[];
  /** null: the run did not end. */
  readonly end: RunEnd | null;
}

/** Replays records of any number of runs into their histories, oldest run first. */
export function replay(records: readonly JournalRecord[]): readonly RunHistory[] {
  const byRun = new Map<string, JournalRecord[]>();
  for (const record of records) byRun.set(record.run, [...(byRun.get(record.run) ?? []), record]);
  return [...byRun.values()].flatMap((ofRun) => historyOf(ofRun)).sort((a, b) => (a.run < b.run ? -1 : 1));
}

function historyOf(records: readonly JournalRecord[]): RunHistory[] {
  const head = records.find((record) => record.is === 'run');
  if (head === undefined) return [];
  const standing = new Map<number, Intent>();
  const left = new Map<number, Json>();
  const fired: Debt[] = [];
  let end: RunEnd | null = null;
  for (const record of records) {
    if (record.is === 'intent') standing.set(record.seq, record);
    if (record.is === 'done') left.set(record.seq, record.left);
    if (record.is === 'undone') standing.delete(record.seq);
    if (record.is === 'firing') fired.push(record.debt);
    if (record.is === 'end') end = record.outcome;
  }
  const { run, command, at } = head;
  return [{ run, command, at, standing: [...standing.values()], left, fired, end }];
}
