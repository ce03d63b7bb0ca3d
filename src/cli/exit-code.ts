import type { HostOutcome } from '../model/event.js';
import { type FailureReason, failureOf } from '../model/failure.js';

/** Every way in which the program ends. */
export const exitCodes = [
  { code: 0, means: 'done, in sync, or nothing to do' },
  { code: 1, means: 'failed, and everything it changed was put back (verify: the proof failed)' },
  { code: 2, means: 'usage or configuration error; nothing was touched' },
  { code: 3, means: 'failed, and a person is needed: hosts, tasks and exact steps are listed' },
  { code: 4, means: 'locked by another run, or an unfinished run exists' },
  { code: 5, means: 'the saved plan no longer fits the hosts; nothing was written' },
  { code: 6, means: 'hosts unreachable, nothing else wrong' },
  { code: 10, means: 'differences found (plan --exit-code, drift)' },
  { code: 70, means: 'a bug in orchestrate' },
  { code: 130, means: 'interrupted; what was begun is finished or put back' },
] as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[number]['code'];

/**
 * When several apply, the first of these wins. 2 ends a command before any host is asked, so it meets no other;
 * it stands before 6, which says that nothing else is wrong.
 */
const precedence: readonly ExitCode[] = [70, 3, 130, 1, 5, 4, 2, 6, 10, 0];

/** How one host ended: its outcome, and why, if something went wrong. */
export interface HostEnd {
  readonly outcome: HostOutcome;
  readonly reasons: readonly FailureReason[];
}

/** The exit code of a command over its hosts. `differences`: it was asked whether there are any, and there are. */
export function exitCodeOf(
  hosts: Iterable<HostEnd>,
  { differences = false, interrupted = false }: { differences?: boolean; interrupted?: boolean } = {},
): ExitCode {
  const codes = new Set<ExitCode>([...hosts].flatMap(codesOfHost));
  if (interrupted) codes.add(130);
  if (differences) codes.add(10);
  return precedence.find((code) => codes.has(code)) ?? 0;
}

/** The exit code for what was thrown outside of any host: configuration, or a bug. */
export const exitCodeOfThrown = (error: unknown): ExitCode => codeOfReason(failureOf(error).reason);

function codesOfHost({ outcome, reasons }: HostEnd): readonly ExitCode[] {
  switch (outcome) {
    case 'done':
    case 'unchanged':
    case 'skipped':
      return reasons.includes('bug') ? [70] : [0];
    case 'unreachable':
      return [...reasons.filter((reason) => reason === 'bug').map(codeOfReason), 6];
    case 'needs-a-person':
      return [...reasons.filter((reason) => reason === 'bug').map(codeOfReason), 3];
    case 'rolled-back':
      // Whatever the reason was: something was written, and it was put back.
      return reasons
        .filter((reason) => reason === 'bug' || reason === 'interrupted')
        .map(codeOfReason)
        .concat(1);
    case 'failed':
      return reasons.length === 0 ? [1] : reasons.map(codeOfReason);
  }
}

/** The exit code of a failure after which nothing is left changed. */
export function codeOfReason(reason: FailureReason): ExitCode {
  switch (reason) {
    case 'command-failed':
    case 'refused':
    case 'check-unmet':
    case 'not-converged':
      return 1;
    case 'configuration':
      return 2;
    case 'changed-meanwhile':
    case 'unknown-outcome':
      return 3;
    case 'unfinished-run':
      return 4;
    case 'plan-drifted':
      return 5;
    case 'unreachable':
      return 6;
    case 'bug':
      return 70;
    case 'interrupted':
      return 130;
  }
}
