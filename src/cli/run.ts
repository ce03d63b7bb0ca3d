import { failureOf } from '../model/failure.js';
import { printable } from '../lib/printable.js';
import type { Reporter } from '../model/event.js';
import { failureLines } from '../reporter/words.js';
import { chooseReporter } from '../reporter/choose.js';
import type { Command } from './args.js';
import { compose, type Composition } from './composition.js';
import { confirmer, mustBeAnswerable } from './confirm.js';
import { type ExitCode, exitCodeOfThrown } from './exit-code.js';
import { interruption } from './interruption.js';
import { conclude, type Result } from './result.js';

/** A command that talks to hosts. */
type HostCommand = Exclude<Command, { is: 'preview' }>;

/** Runs one command from its inventory to its exit code. */
export async function runCommand(command: HostCommand): Promise<ExitCode> {
  const { flags } = command;
  const reporter = await chooseReporter({
    ...flags,
    command: command.is,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
  });
  using stop = interruption(flags.timeoutMs);
  try {
    if (command.is === 'apply' || command.is === 'rollback')
      mustBeAnswerable(flags.yes, process.stdin.isTTY && process.stdout.isTTY && !flags.json);
    await using composition = await compose({
      command,
      env: process.env,
      stop: stop.signal,
      report: (event) => reporter.report(event, new Date()),
    });
    for (const text of composition.inventory.warnings) process.stderr.write(`${printable(text)}\n`);
    return conclude(composition, await dispatch(command, composition, reporter));
  } catch (error) {
    return failed(error, reporter);
  } finally {
    await reporter.close();
  }
}

async function dispatch(command: HostCommand, composition: Composition, reporter: Reporter): Promise<Result> {
  const ask = confirmer(command.flags.yes, { input: process.stdin, output: process.stdout });
  const confirm = async (question: string): Promise<boolean> => {
    await reporter.pause?.();
    return ask(question);
  };
  switch (command.is) {
    case 'plan':
      return (await import('./commands/plan.js')).plan(composition, command);
    case 'drift':
      return (await import('./commands/plan.js')).drift(composition);
    case 'doctor':
      return (await import('./commands/plan.js')).doctor(composition);
    case 'apply':
      return (await import('./commands/apply.js')).apply(composition, command, confirm);
    case 'rollback':
      return (await import('./commands/rollback.js')).rollback(composition, command, confirm);
    case 'verify':
      return (await import('./commands/verify.js')).verify(composition, command);
  }
}

/** Runs `preview`: no host, no inventory, no journal. */
export async function runPreview(command: Command & { is: 'preview' }): Promise<ExitCode> {
  try {
    const { preview } = await import('./commands/preview.js');
    return await preview(command, (line) => process.stdout.write(`${line}\n`));
  } catch (error) {
    process.stderr.write(
      `${failureLines(failureOf(error))
        .map((line) => printable(line))
        .join('\n')}\n`,
    );
    return exitCodeOfThrown(error);
  }
}

/** What was thrown outside of any host. Secrets are not known here; nothing thrown before the inventory is read holds one. */
function failed(error: unknown, reporter: Reporter): ExitCode {
  const failure = failureOf(error);
  const exitCode = exitCodeOfThrown(error);
  const clean = {
    ...failure,
    what: printable(failure.what),
    evidence: failure.evidence.map((line) => printable(line)),
  };
  const now = new Date();
  reporter.report({ type: 'run-failed', failure: clean }, now);
  reporter.report({ type: 'summary', run: '', exitCode, changed: 0, hosts: {} }, now);
  return exitCode;
}
