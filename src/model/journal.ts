import { crc32 } from 'node:zlib';
import type { Json } from '../lib/json.js';
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
  /** The change was made and read back. */
  | { readonly is: 'done'; readonly run: string; readonly at: string; readonly seq: number }
  | { readonly is: 'paid'; readonly run: string; readonly at: string; readonly debt: Debt }
  | { readonly is: 'undone'; readonly run: string; readonly at: string; readonly seq: number }
  | { readonly is: 'end'; readonly run: string; readonly at: string; readonly outcome: RunEnd };

/** How a run ended on a host. `kept`: failed, and its changes were left in place on request. */
export type RunEnd = 'done' | 'rolled-back' | 'needs-a-person' | 'kept';

/** A record as a line: checksum, space, JSON, newline. A torn line fails its checksum. */
export function journalLine(record: JournalRecord): string {
  const text = JSON.stringify(record);
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
}

/**
 * The records of a journal. Reading stops at the first line that is torn or does not fit its checksum.
 * The caller checks what a host sent before it believes the fields.
 */
export function readJournal(text: string): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const json = line.slice(9);
    if (line[8] !== ' ' || crc32(json).toString(16).padStart(8, '0') !== line.slice(0, 8)) return records;
    records.push(JSON.parse(json) as JournalRecord);
  }
  return records;
}

/** One run as a host's journal tells it. */
export interface RunHistory {
  readonly run: string;
  readonly command: string;
  readonly at: string;
  /** Changes that still stand, oldest first. */
  readonly standing: readonly Intent[];
  readonly end: RunEnd | null;
}

/** Replays records of any number of runs into their histories, oldest run first. */
export function replay(records: readonly JournalRecord[]): readonly RunHistory[] {
  const runs = new Map<string, { head: RunHistory; standing: Map<number, Intent>; end: RunEnd | null }>();
  for (const record of records) {
    const known = runs.get(record.run);
    if (record.is === 'run' || known === undefined) {
      if (record.is !== 'run' || known !== undefined) continue;
      const head: RunHistory = {
        run: record.run,
        command: record.command,
        at: record.at,
        standing: [],
        end: null,
      };
      runs.set(record.run, { head, standing: new Map(), end: null });
    } else if (record.is === 'intent') known.standing.set(record.seq, record);
    else if (record.is === 'undone') known.standing.delete(record.seq);
    else if (record.is === 'end') known.end = record.outcome;
  }
  return [...runs.values()]
    .map(({ head, standing, end }) => ({ ...head, standing: [...standing.values()], end }))
    .sort((a, b) => (a.run < b.run ? -1 : 1));
}
