import type { HostResult } from '../engine/host-end.js';
import type { HostOutcome } from '../model/event.js';
import type { FailureData } from '../model/failure.js';
import type { Composition } from './composition.js';
import { type ExitCode, exitCodeOf } from './exit-code.js';

/** What a command came to. */
export interface Result {
  readonly hosts: ReadonlyMap<string, HostResult>;
  /** The command asked whether there are differences, and there are. */
  readonly differences?: boolean;
  /** Being stopped is how this command ends: no interruption. */
  readonly endsByStop?: true;
  /** Overrides what the hosts say: a refused saved plan, a question answered with no. */
  readonly exitCode?: ExitCode;
}

/** A host that nothing was done to. */
export const untouched = (failures: readonly FailureData[] = []): HostResult => ({
  outcome: outcomeOf(failures),
  changed: 0,
  failures,
});

function outcomeOf(failures: readonly FailureData[]): HostOutcome {
  if (failures.length === 0) return 'unchanged';
  return failures.every((failure) => failure.reason === 'unreachable') ? 'unreachable' : 'failed';
}

/** Tells the figures and the summary: the last things a command says. Gives its exit code. */
export function conclude({ context, sessions, inventory, startedAt }: Composition, result: Result): ExitCode {
  const figures = [...sessions].map(([host, session]) => [host, session.figures()] as const);
  context.emit({
    type: 'figures',
    handshakes: figures.reduce((sum, [, { handshakes }]) => sum + handshakes, 0),
    roundTrips: Object.fromEntries(figures.map(([host, { roundTrips }]) => [host, roundTrips])),
    ms: Date.now() - startedAt,
  });
  const hosts = new Map(inventory.selected.map(({ name }) => [name, result.hosts.get(name) ?? untouched()]));
  const ends = [...hosts.values()].map(({ outcome, failures }) => ({
    outcome,
    reasons: failures.map(({ reason }) => reason),
  }));
  const exitCode =
    result.exitCode ??
    exitCodeOf(ends, {
      differences: result.differences ?? false,
      interrupted: context.stop.aborted && result.endsByStop !== true,
    });
  context.emit({
    type: 'summary',
    run: context.run,
    exitCode,
    changed: [...hosts.values()].reduce((sum, { changed }) => sum + changed, 0),
    hosts: Object.fromEntries([...hosts].map(([name, { outcome, changed }]) => [name, { outcome, changed }])),
  });
  return exitCode;
}
