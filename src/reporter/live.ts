import { Listr, type ListrRenderer } from 'listr2';
import { deferred } from '../lib/deferred.js';
import type { Reporter } from '../model/event.js';
import { canvasOn } from './canvas.js';
import { emptyFrame, type Frame } from './frame.js';
import { makeTeller, type TellerOptions } from './teller.js';
import type { Output } from './terminal.js';

/** Where the live view draws, and the time it draws by. */
export interface LiveOptions extends TellerOptions {
  readonly out: Output;
  /** Spinner and marks that need more than ASCII. */
  readonly isUnicode: boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** Calls until it is stopped: ten times a second, in life. */
  readonly every: (draw: () => void) => () => void;
}

/** Ten times a second, without keeping the process alive. */
export function tenTimesASecond(draw: () => void): () => void {
  const timer = setInterval(draw, 100);
  timer.unref();
  return () => clearInterval(timer);
}

const spinners = { unicode: Array.from('⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'), ascii: Array.from('|/-\\') } as const;

/** Text and frame, drawn together. */
interface View {
  /** Lines that scroll away above the frame, with the next frame. */
  say(lines: readonly string[]): void;
  /** Writes what is left and takes the frame away. */
  clear(): void;
  readonly resume: () => void;
  readonly stop: () => void;
}

/**
 * The view of a terminal: a frame of at most ten hosts at work and the totals, and above it what happened. listr2
 * holds one task a host and starts and ends our own renderer; what is drawn is bounded, however many hosts there are.
 */
export function liveReporter(options: LiveOptions): Reporter {
  const { now } = options;
  const teller = makeTeller(options);
  const frame = emptyFrame(now());
  const view = viewOf(options, frame);
  const list: { hosts: HostList | null } = { hosts: null };
  return {
    report: (event, at) => {
      view.say(teller.lines(event, at));
      frame.note(event, now());
      if (event.type === 'run-started') list.hosts ??= hostList(event.hosts, view);
      if (event.type === 'host-done') list.hosts?.hostDone(event.host);
      if (event.type === 'run-failed' || event.type === 'summary') view.clear();
      else view.resume();
    },
    pause: () => {
      view.say(teller.plan());
      view.stop();
      view.clear();
      return Promise.resolve();
    },
    close: async () => {
      await list.hosts?.end();
      view.stop();
      view.clear();
    },
  };
}

function viewOf({ out, isUnicode, now, every, paint }: LiveOptions, frame: Frame): View {
  const canvas = canvasOn(out);
  const spinner = isUnicode ? spinners.unicode : spinners.ascii;
  const pending: string[] = [];
  const running: { stop: (() => void) | null } = { stop: null };
  const draw = (): void => {
    const options = { columns: out.columns(), rows: out.rows(), now: now(), paint };
    const mark = spinner[Math.floor(now() / 100) % spinner.length] ?? '';
    canvas.show(pending.splice(0), frame.lines({ ...options, spinner: mark }));
  };
  return {
    say: (lines) => pending.push(...lines),
    clear: () => canvas.show(pending.splice(0), []),
    resume: () => {
      running.stop ??= every(draw);
    },
    stop: () => {
      running.stop?.();
      running.stop = null;
    },
  };
}

interface HostList {
  hostDone(host: string): void;
  end(): Promise<void>;
}

/** The hosts as a list of listr2: it is told when each begins and ends, and decides nothing. */
function hostList(hosts: readonly string[], view: View): HostList {
  const ends = new Map(hosts.map((host) => [host, deferred<undefined>()]));
  const list = new Listr(
    [...ends].map(([title, { promise }]) => ({ title, task: () => promise })),
    {
      concurrent: true,
      exitOnError: false,
      // Its own handler ends the process with code 127.
      registerSignalListeners: false,
      renderer: rendererOn(view),
    },
  );
  const finished = list.run();
  return {
    hostDone: (host) => ends.get(host)?.resolve(undefined),
    end: async () => {
      for (const { resolve } of ends.values()) resolve(undefined);
      await finished;
    },
  };
}

/** A renderer of listr2 that draws our view, whatever its tasks say. */
const rendererOn = (view: View): typeof ListrRenderer =>
  class BoundedRenderer implements ListrRenderer {
    static rendererOptions = {};
    static rendererTaskOptions = {};
    /** Whether the terminal is good enough was decided before; listr2 would ask `process.stdout`. */
    static nonTTY = true;
    readonly render = (): void => view.resume();
    readonly end = (): void => view.stop();
  };
