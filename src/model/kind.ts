import type { Json } from '../lib/json.js';
import type { Cause } from './failure.js';
import type { Probe } from '../probe/probe.js';
import type { HttpRequest, HttpResponse } from '../shell/http-request.js';
import type { WebSocketLine, WebSocketRequest } from '../shell/web-socket.js';
import type { Reply } from '../shell/batch.js';
import type { Sh } from '../shell/sh.js';

/** What a probe saw. `state` is what the journal may keep; anything beside it stays in memory. */
export interface Observed<S extends Json> {
  /** null: the thing is not there. */
  readonly state: S | null;
}

/** What a thing should be. */
export interface Wanted<S extends Json> {
  /** null: it should not be there. The state that was seen: no change. */
  readonly state: S | null;
  /** Contents that `state` names by SHA-256. The engine lays them on the host before the change. */
  readonly blobs?: readonly Uint8Array[];
}

/** One line or one text of a diff. Values of secrets are masked already. */
export type Difference =
  | { readonly is: 'field'; readonly field: string; readonly from: string; readonly to: string }
  | { readonly is: 'text'; readonly unified: string }
  | { readonly is: 'note'; readonly text: string };

/**
 * A thing on a host that has a state. The engine plans, applies, verifies, retries and undoes it.
 *
 * P: what a graph author writes. I: which thing, enough to read it again without the graph. S: its state.
 */
export interface ResourceKind<P, I extends Json, S extends Json, Seen extends Observed<S> = Observed<S>> {
  readonly shape: 'resource';
  /** `noun.noun`, as in the journal. */
  readonly name: string;
  /** Raised when I or S changes its form: an old journal is refused, not misread. */
  readonly version: number;
  /** The change is one atomic step: undo refuses a state that is neither the one before nor the one after. */
  readonly atomic: boolean;
  /**
   * Only the failing run that made such a thing removes it again. A rollback of a run that was committed leaves it
   * and names it: it may hold data by then.
   */
  readonly keepOnRollback?: true;
  /** Which thing. Two tasks of a host may not claim the same. */
  identify(props: P): I;
  /**
   * The thing in words, where the identity holds more than which thing it is (how it is managed), or where another
   * kind has the same things. Default: the kind and the whole identity.
   */
  thing?(id: I): string;
  /** How to read it: data, no I/O. Throws Unreadable when it cannot be read yet. */
  probe(id: I): Probe<Seen>;
  /** What it should be: pure. Throws Failed `refused` for what it will not touch. */
  target(props: P, seen: Seen): Wanted<S>;
  /** The change for a person. Default: the fields of the state that differ. */
  describe?(seen: Seen, wanted: Wanted<S>, props: P): readonly Difference[];
  /** Shell that copies what `from` names by SHA-256 into the folder of blobs, so that undo can put it back. */
  keep?(id: I, from: S, blobs: string): Sh | null;
  /** Makes `from` into `to`, whatever `from` really is. The only member that acts. */
  converge(step: Step<P, I, S>, remote: Remote): Promise<void>;
  /** A warning for the plan: what this change means for people. */
  warn?(seen: Seen, wanted: Wanted<S>, props: P): readonly string[];
}

/** One change. */
export interface Step<P, I extends Json, S extends Json> {
  readonly id: I;
  readonly from: S | null;
  readonly to: S | null;
  /** The graph's words; null when an old change is undone from its journal. */
  readonly props: P | null;
  /** The run that made the change (also when it is undone). Things set aside for undo bear its name. */
  readonly run: string;
}

/** How a check came out. */
export type Verdict =
  | {
      readonly ok: true;
      readonly note?: string;
      /** What is worth knowing and stops nothing; told by plans and by `doctor`. */
      readonly findings?: readonly string[];
    }
  | {
      readonly ok: false;
      /** One sentence. */
      readonly because: string;
      readonly evidence?: readonly string[];
      /** Why, from the symptom to the root. */
      readonly causes?: readonly Cause[];
      readonly next?: string;
      /** Waiting will not help. */
      readonly hopeless?: true;
    };

/** A question that must come out right before what follows may start. It is asked again until its time is up. */
export interface CheckKind<P> {
  readonly shape: 'check';
  readonly name: string;
  probe(props: P): Probe<Verdict>;
}

/** Something to do once after a change: a restart. Owed from before the change until it is done; never undone. */
export interface ReactionKind<P> {
  readonly shape: 'reaction';
  readonly name: string;
  fire(props: P, remote: Remote): Promise<void>;
  /** What the plan says about it. */
  warn?(props: P): readonly string[];
}

/** A last gate that acts like a user and leaves no trace. It runs after changes and for `verify`, never in a plan. */
export interface ProofKind<P> {
  readonly shape: 'proof';
  readonly name: string;
  prove(props: P, remote: Remote, proving: Proving): Promise<Verdict>;
}

/** What a proof may do. */
export interface Proving {
  /** Look from the controller's own network as well. */
  readonly outside: boolean;
  /**
   * Writes down that a reaction, named by its kind, is owed from now on: before something is made that it removes.
   * Gives the function that fires it. null: the proof may not make anything, however short-lived.
   */
  readonly owe: ((reaction: string, props: Json) => Promise<() => Promise<void>>) | null;
}

// biome-ignore lint/suspicious/noExplicitAny: the one existential type of the project: a kind whose parameters are its own business
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyKind = ResourceKind<any, any, any, any> | CheckKind<any> | ReactionKind<any> | ProofKind<any>;

/** A command line that may go to a host beside `sh -s`. The list is closed: no data in it. */
export type StreamCommand = 'docker load';

/** What `converge`, `fire` and `prove` act through. */
export interface Remote {
  /** Runs shell as root. Throws Failed when the connection went away; a non-zero code is for the caller to judge. */
  run(script: Sh, options?: RunOptions): Promise<Reply>;
  /** The same for several pieces of shell, in one script; none sees what another leaves behind. */
  runAll(scripts: readonly Sh[], options?: RunOptions): Promise<readonly Reply[]>;
  /** As {@link run}; a non-zero code is thrown as Failed `command-failed` with the last lines as evidence. */
  must(script: Sh, options: RunOptions & { readonly what: string; readonly next?: string }): Promise<Reply>;
  /** Streams a local file into a constant command. Reports progress in bytes. */
  stream(command: StreamCommand, localPath: string): Promise<Reply>;
  /** An HTTP request made from the host. Throws Failed (transient) when there is no answer. */
  http(request: HttpRequest): Promise<HttpResponse>;
  /** A WebSocket opened from the host. Throws Failed (transient) when it does not open. */
  webSocket(request: WebSocketRequest): Promise<WebSocketLine>;
  /** Where the content with this SHA-256 lies on the host, for undo and for apply alike. */
  blob(sha256: string): string;
  /** Tells the person who watches: one short line. */
  progress(line: string): void;
  /** Learns a value that must never be printed. */
  learnSecret(value: string): void;
  readonly signal: AbortSignal;
}

/** `onLine` gets every line of stdout and stderr as it comes. `timeoutMs` defaults to 120 000. */
export interface RunOptions {
  readonly timeoutMs?: number;
  readonly onLine?: (line: string) => void;
}
