/** Puts the parts of a command together: with the commands beside it, the only place that names concrete adapters. */
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { RunContext } from '../engine/context.js';
import { disconnectAll } from '../engine/connect.js';
import type { Session } from '../engine/ports.js';
import { graphLoader } from '../inventory/graph-file.js';
import { type Inventory, loadInventory } from '../inventory/load.js';
import { type JournalFile, journalFile, runFolder } from '../journal/file.js';
import * as builtIn from '../kinds/index.js';
import { mapTexts } from '../lib/map-texts.js';
import { printable } from '../lib/printable.js';
import type { Reporter, RunEvent } from '../model/event.js';
import { buildGraph, type Graph, withTags } from '../model/graph.js';
import type { AnyKind } from '../model/kind.js';
import { logReporter } from '../reporter/log.js';
import { openSshTransport } from '../transport/transport.js';
import type { Command } from './args.js';

/** Everything that one command works with. */
export interface Composition extends AsyncDisposable {
  readonly inventory: Inventory;
  readonly graph: Graph;
  readonly context: RunContext;
  /** Sessions that were opened; closed with the composition. */
  readonly sessions: Map<string, Session>;
  readonly startedAt: number;
}

/** What a composition is told from outside. */
export interface Surroundings {
  readonly command: Exclude<Command, { is: 'preview' }>;
  readonly env: NodeJS.ProcessEnv;
  readonly stop: AbortSignal;
  /** Receives events that are clean already. */
  readonly report: (event: RunEvent) => void;
}

/**
 * Reads the inventory, builds the graph for the hosts that `--limit` leaves, and opens what a run needs.
 *
 * @throws Failed `configuration`, with every complaint
 */
export async function compose({ command, env, stop, report }: Surroundings): Promise<Composition> {
  const { flags } = command;
  const inventory = await loadInventory({
    file: flags.inventory,
    env,
    set: flags.set,
    limit: flags.limit,
    graphOf: graphLoader(),
  });
  const { vault } = inventory;
  const whole = buildGraph(inventory.graph, inventory.selected, {
    proof: inventory.proof,
    folder: inventory.folder,
  });
  const graph = flags.tags.length === 0 ? whole : withTags(whole, flags.tags);
  const run = newRun(new Date());
  const journal = journalFile(inventory.file, run);
  const log = writes(command)
    ? logReporter({
        file: join(runFolder(inventory.file, run), 'log.ndjson'),
        scrub: (text) => vault.scrub(text),
      })
    : null;
  const emit = (event: RunEvent): void => {
    const clean = cleanEvent(event, (text) => vault.scrub(text));
    log?.report(clean, new Date());
    report(clean);
  };
  const transport = openSshTransport({
    vault,
    acceptNewHostKeys: flags.acceptNewHostKeys,
    onFinding: ({ host, what, next }) => emit({ type: 'finding', host, text: `${what}; ${next}` }),
    env,
  });
  const context: RunContext = {
    run,
    command: command.is,
    graphName: graph.name,
    by: operator(),
    transport,
    vault,
    clock: { now: () => new Date() },
    emit,
    journal: (record) => journal.append(record),
    kinds: kindsOf(graph),
    forks: flags.forks,
    stop,
  };
  return composition({ inventory, graph, context }, { journal, log });
}

/** Commands that only read leave nothing behind, here either. */
const writes = (command: Command): boolean => command.is === 'apply' || command.is === 'rollback';

function composition(
  parts: Pick<Composition, 'inventory' | 'graph' | 'context'>,
  { journal, log }: { journal: JournalFile; log: Reporter | null },
): Composition {
  const sessions = new Map<string, Session>();
  return {
    ...parts,
    sessions,
    startedAt: Date.now(),
    [Symbol.asyncDispose]: async () => {
      await disconnectAll(sessions.values());
      await journal[Symbol.asyncDispose]();
      await log?.close();
    },
  };
}

/** All kinds that a journal may name: our own, and those of the graph. */
function kindsOf(graph: Graph): ReadonlyMap<string, AnyKind> {
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
const operator = (): string => `${userInfo().username}@${hostname()}`;

/** Texts of an event without secrets, and without anything that steers a terminal. */
export const cleanEvent = (event: RunEvent, scrub: (text: string) => string): RunEvent =>
  mapTexts(event, (text) => printable(scrub(text)));
