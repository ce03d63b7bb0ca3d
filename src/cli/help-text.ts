import { exitCodes } from './exit-code.js';

/** What people do most. */
export const examples = `Examples:
  orchestrate doctor                      is everything there that a first run needs?
  orchestrate plan                        what would change, as diffs
  orchestrate apply --limit meet-1        do it on one host first
  orchestrate apply --yes --json          for a pipeline
  orchestrate rollback                    put back what the last run changed`;

/** The table of exit codes. */
export const exitCodeHelp = (): string =>
  ['Exit codes:', ...exitCodes.map(({ code, means }) => `  ${String(code).padStart(3)}  ${means}`)].join(
    '\n',
  );
