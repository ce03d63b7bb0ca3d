import { type Command as Program, Option } from 'commander';
import { duration, nameList, notEmpty, setting, wholeNumber } from './flag-values.js';

/** What every command may be told. */
export interface Flags {
  readonly inventory: string;
  readonly limit?: string;
  readonly tags: readonly string[];
  /** Hosts at a time. */
  readonly forks: number;
  readonly set: readonly string[];
  readonly onFailure: 'rollback' | 'stop' | 'continue';
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** false: `--no-color`. */
  readonly color: boolean;
  readonly yes: boolean;
  readonly timeoutMs?: number;
  readonly acceptNewHostKeys: boolean;
}

/** Adds the flags of every command. */
export function addFlags(program: Program): void {
  program
    .option('-i, --inventory <file>', 'the hosts and their variables', notEmpty, 'inventory/hosts.yml')
    .option('--limit <names>', 'only these hosts and groups: a,b; !name leaves out', notEmpty)
    .option('--tags <tags>', 'only tasks with one of these tags, and what they need', nameList)
    .option('--forks <n>', 'hosts at a time', wholeNumber, 10)
    .option('--set <key=value>', 'set a variable of all hosts; may be repeated', setting)
    .addOption(
      new Option('--on-failure <what>', 'what to do with a host on which it fails')
        .choices(['rollback', 'stop', 'continue'])
        .default('rollback'),
    )
    .option('--json', 'one JSON object a line on stdout, and nothing else there')
    .addOption(new Option('-q, --quiet', 'only failures and the result').conflicts('verbose'))
    .option('-v, --verbose', 'also what needs no change')
    .option('--no-color', 'no colours (NO_COLOR works too)')
    .option('-y, --yes', 'do not ask')
    .option('--timeout <time>', 'stop and put back after this long: 90s, 10m, 1h', duration)
    .option('--accept-new-host-keys', 'trust hosts that are not in known_hosts yet');
}

type RawFlags = Partial<Flags> &
  Pick<Flags, 'inventory' | 'forks' | 'onFailure'> & { readonly timeout?: number };

/** What they were given. */
export function flagsOf(program: Program): Flags {
  const { timeout, limit, ...raw } = program.optsWithGlobals<RawFlags>();
  return {
    inventory: raw.inventory,
    ...(limit === undefined ? {} : { limit }),
    tags: raw.tags ?? [],
    forks: raw.forks,
    set: raw.set ?? [],
    onFailure: raw.onFailure,
    json: raw.json ?? false,
    quiet: raw.quiet ?? false,
    verbose: raw.verbose ?? false,
    color: raw.color ?? true,
    yes: raw.yes ?? false,
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    acceptNewHostKeys: raw.acceptNewHostKeys ?? false,
  };
}
