import { createInterface } from 'node:readline/promises';
import { Failed } from '../model/failure.js';

/** Asks a person. */
export type Confirm = (question: string) => Promise<boolean>;

/** Who is asked: nobody with `--yes`, a person at a terminal, else it is a usage error. */
export function confirmer(
  yes: boolean,
  terminal: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream },
): Confirm {
  if (yes) return () => Promise.resolve(true);
  return async (question) => {
    const lines = createInterface(terminal);
    try {
      const answer = await lines.question(`${question} [y/N] `);
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      lines.close();
    }
  };
}

/** @throws Failed `configuration` when there is nobody to ask, before any host is */
export function mustBeAnswerable(yes: boolean, isTerminal: boolean): void {
  if (yes || isTerminal) return;
  throw new Failed({
    reason: 'configuration',
    what: 'there is no terminal to ask on',
    next: 'look at `orchestrate plan` first, then give --yes',
  });
}
