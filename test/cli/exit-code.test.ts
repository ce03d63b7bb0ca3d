import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  codeOfReason,
  type ExitCode,
  exitCodeOf,
  exitCodeOfThrown,
  exitCodes,
  type HostEnd,
} from '../../src/cli/exit-code.js';
import { Failed, type FailureReason } from '../../src/model/failure.js';

const ended = (outcome: HostEnd['outcome'], ...reasons: readonly FailureReason[]): HostEnd => ({
  outcome,
  reasons,
});

describe('the exit code of a command', () => {
  const single: readonly (readonly [ExitCode, HostEnd])[] = [
    [0, ended('done')],
    [0, ended('unchanged')],
    [0, ended('skipped')],
    [1, ended('failed', 'command-failed')],
    [1, ended('failed', 'refused')],
    [1, ended('failed', 'check-unmet')],
    [1, ended('failed')],
    [1, ended('rolled-back', 'not-converged')],
    [1, ended('rolled-back', 'unknown-outcome')],
    [1, ended('rolled-back', 'plan-drifted')],
    [2, ended('failed', 'configuration')],
    [3, ended('needs-a-person', 'command-failed')],
    [3, ended('needs-a-person', 'interrupted')],
    [3, ended('failed', 'changed-meanwhile')],
    [3, ended('failed', 'unknown-outcome')],
    [4, ended('failed', 'unfinished-run')],
    [5, ended('failed', 'plan-drifted')],
    [6, ended('unreachable', 'unreachable')],
    [70, ended('rolled-back', 'bug')],
    [70, ended('needs-a-person', 'bug')],
    [70, ended('done', 'bug')],
    [130, ended('rolled-back', 'interrupted')],
    [130, ended('failed', 'interrupted')],
  ];
  for (const [code, host] of single) {
    it(`is ${code} when the only host is ${host.outcome} (${host.reasons.join() || 'nothing wrong'})`, () => {
      equal(exitCodeOf([host]), code);
    });
  }

  it('is the first of 70, 3, 130, 1, 5, 4, 6 that applies', () => {
    const order: readonly HostEnd[] = [
      ended('failed', 'bug'),
      ended('needs-a-person', 'refused'),
      ended('rolled-back', 'interrupted'),
      ended('rolled-back', 'refused'),
      ended('failed', 'plan-drifted'),
      ended('failed', 'unfinished-run'),
      ended('unreachable', 'unreachable'),
      ended('done'),
    ];
    const codes = order.map((_, index) => exitCodeOf(order.slice(index).reverse()));
    deepEqual(codes, [70, 3, 130, 1, 5, 4, 6, 0]);
  });

  it('is 10 for differences, when nothing went wrong', () => {
    equal(exitCodeOf([ended('unchanged')], { differences: true }), 10);
    equal(exitCodeOf([ended('unreachable', 'unreachable')], { differences: true }), 6);
  });

  it('is 130 for an interrupt, even when every host is as it was', () => {
    equal(exitCodeOf([ended('unchanged')], { interrupted: true }), 130);
    equal(exitCodeOf([], {}), 0);
  });

  it('is 2 for a configuration and 70 for anything unexpected that is thrown', () => {
    equal(exitCodeOfThrown(new Failed({ reason: 'configuration', what: 'x', next: 'y' })), 2);
    equal(exitCodeOfThrown(new TypeError('x')), 70);
    equal(exitCodeOfThrown('text'), 70);
  });

  it('is one of the table, whatever the reason', () => {
    const model = readFileSync(new URL('../../src/model/failure.ts', import.meta.url), 'utf8');
    const reasons = [...model.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, reason]) => reason as FailureReason);
    equal(reasons.length >= 12, true);
    const known = new Set<number>(exitCodes.map(({ code }) => code));
    deepEqual(
      reasons.filter((reason) => !known.has(codeOfReason(reason))),
      [],
    );
  });
});
