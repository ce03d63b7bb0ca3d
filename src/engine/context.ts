import type { AnyKind } from '../model/kind.js';
import type { RunEvent } from '../model/event.js';
import type { Host } from '../model/host.js';
import type { Json } from '../lib/json.js';
import type { Intent, JournalRecord } from '../model/journal.js';
import type { HostState } from '../dialects/host-journal.js';
import type { Vault } from '../shell/secret.js';
import type { Clock, Session, Transport } from './ports.js';

/** What a run works with. The only place where adapters meet the engine. */
export interface RunContext {
  readonly run: string;
  readonly command: string;
  readonly graphName: string;
  /** Who runs it, for the journal: `user@machine`. */
  readonly by: string;
  readonly transport: Transport;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly emit: (event: RunEvent) => void;
  /** The controller's journal: resolves when the record is on disk. */
  readonly journal: (record: JournalRecord) => Promise<void>;
  /** All kinds by name: a journal names only those. */
  readonly kinds: ReadonlyMap<string, AnyKind>;
  /** How many hosts at a time. */
  readonly forks: number;
  /** Set by Ctrl-C: nothing new is started. */
  readonly stop: AbortSignal;
}

/** What a run finds on a host. */
export type HostFound = Pick<HostRun, 'host' | 'session' | 'run' | 'before' | 'startedAt'>;

/** A host on which the run has done nothing yet. */
export const untouchedHost = (found: HostFound): HostRun => ({
  ...found,
  intents: [],
  left: new Map(),
  fired: new Set(),
});

/** A host with its session, and what the run did there. */
export interface HostRun {
  readonly host: Host;
  /** Replaced when the connection was lost and made again. */
  session: Session;
  /** The run whose journal on the host is written: this one, or the one that is rolled back. */
  readonly run: string;
  /** What the first round said about earlier runs. */
  readonly before: HostState;
  /** The changes of this run, in their order. */
  readonly intents: Intent[];
  /** How each change was left, by its number. */
  readonly left: Map<number, Json>;
  /** Keys of the reactions that this run began to fire. */
  readonly fired: Set<string>;
  readonly startedAt: number;
}
