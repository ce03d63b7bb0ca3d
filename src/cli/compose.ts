/** Puts the parts of a run together: the only place that names concrete adapters. */
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { RunContext } from '../engine/context.js';
import { type JournalFile, journalFile } from '../journal/file.js';
import { printable } from '../lib/printable.js';
import type { RunEvent } from '../model/event.js';
import { buildGraph, type Graph } from '../model/graph.js';
import type { AnyKind } from '../model/kind.js';
import * as builtIn from '../kinds/index.js';

/** All kinds that a journal of this graph may name. */
export function kindsOf(graph: Graph): ReadonlyMap<string, AnyKind> {
  const own = Object.values(builtIn as Readonly<Record<string, unknown>>).filter(isKind);
  return new Map([...own, ...graph.tasks.map((task) => task.kind)].map((kind) => [kind.name, kind]));
}

const isKind = (value: unknown): value is AnyKind =>
  typeof value === 'object' && value !== null && 'shape' in value && 'name' in value;

/** A run's name: its time, and something to tell two runs of one second apart. Names sort by time. */
export function newRun(now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(':', '-');
  return `${time}Z-${randomBytes(2).toString('hex')}`;
}

/** Who runs this, for the journals: `user@machine`. */
export const operator = (): string => `${userInfo().username}@${hostname()}`;

/** Texts of an event without secrets, and without anything that steers a terminal. */
export const cleanEvent = (event: RunEvent, scrub: (text: string) => string): RunEvent =>
  cleaned(event, (text) => printable(scrub(text))) as RunEvent;

function cleaned(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((item) => cleaned(item, clean));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleaned(item, clean)]));
}

export type { JournalFile, RunContext };
export { buildGraph, journalFile };
