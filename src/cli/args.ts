import { Command as Program, CommanderError, type Option } from 'commander';
import { duration, fileToo, notEmpty, oneFile, runName } from './flag-values.js';
import { addFlags, type Flags, flagsOf } from './flags.js';
import { examples, exitCodeHelp } from './help-text.js';
import { version } from './version.js';

/** What the person wants done. */
export type Command =
  | { readonly is: 'plan'; readonly flags: Flags; readonly out?: string; readonly exitCode: boolean }
  | { readonly is: 'apply'; readonly flags: Flags; readonly plan?: string; readonly prove: boolean }
  | { readonly is: 'rollback'; readonly flags: Flags; readonly run?: string }
  | { readonly is: 'drift'; readonly flags: Flags }
  | { readonly is: 'doctor'; readonly flags: Flags }
  | {
      readonly is: 'verify';
      readonly flags: Flags;
      /** From the controller's own network as well. */
      readonly outside: boolean;
      /** Again and again, with this pause between. */
      readonly watchMs?: number;
    }
  | Preview;

/** Local copies of config files, shown as the graph would edit them. No host is asked. */
interface Preview {
  readonly is: 'preview';
  readonly flags: Flags;
  /** Of several files the first one is edited, and the others are looked at. */
  readonly files: Readonly<Record<'prosody' | 'nginx' | 'jitsiConfig', readonly string[]>>;
  /** Another graph than the default one. */
  readonly graph?: string;
  /** The folder for the edited copies. */
  readonly out?: string;
}

/** A command, or what to print instead of running one: help, the version, a usage error. */
export type Arguments =
  | { readonly is: 'command'; readonly command: Command }
  | { readonly is: 'answer'; readonly stdout: string; readonly stderr: string; readonly exitCode: 0 | 2 };

/** Reads the command line, without `node` and the script. Touches nothing. */
export function readArguments(argv: readonly string[], columns = 80): Arguments {
  const out = { stdout: '', stderr: '' };
  const read: { command: Command | null } = { command: null };
  const program = programOf((command) => (read.command = command));
  for (const one of [program, ...program.commands]) {
    one.exitOverride().configureOutput({
      writeOut: (text) => (out.stdout += text),
      writeErr: (text) => (out.stderr += text),
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(text.replace(/^error: /, '')),
    });
  }
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { is: 'answer', ...out, exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  return read.command === null
    ? { is: 'answer', ...out, exitCode: 2 }
    : { is: 'command', command: read.command };
}

function programOf(run: (command: Command) => void): Program {
  const program = new Program('orchestrate')
    .description(
      'Sets up servers over SSH from an ordered graph of tasks: shows the plan as real diffs, applies it, ' +
        'checks the result, and puts everything back when it fails. Flagship: Keycloak sign-in for Jitsi Meet.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('next: orchestrate --help')
    .showSuggestionAfterError(true)
    .addHelpText('after', () => `\n${examples}\n\n${exitCodeHelp()}`);
  addFlags(program);
  const add = (name: string, summary: string, detail: string): Program =>
    program
      .command(name)
      .summary(summary)
      .description(`${summary}.\n${detail}`)
      .helpOption('-h, --help', 'show this help')
      .configureHelp({ showGlobalOptions: true })
      .showHelpAfterError(`next: orchestrate ${name.split(' ')[0] ?? ''} --help`);
  addPlan(add, run);
  addApply(add, run);
  addRollback(add, run);
  addPreview(add, run);
  addReadings(add, run);
  addVerify(add, run);
  return program;
}

type Add = (name: string, summary: string, detail: string) => Program;
type Run = (command: Command) => void;

function addPlan(add: Add, run: Run): void {
  add('plan', 'Show what apply would change', 'Reads every host once and changes nothing.')
    .option('--out <file>', 'save the plan, for apply --plan')
    .option('--exit-code', 'answer by exit code: 10 when there are changes')
    .action((own: { out?: string; exitCode?: true }, program: Program) =>
      run({
        is: 'plan',
        flags: flagsOf(program),
        ...(own.out === undefined ? {} : { out: own.out }),
        exitCode: own.exitCode === true,
      }),
    );
}

function addApply(add: Add, run: Run): void {
  add('apply', 'Plan, ask, do it, check it', 'A host on which it fails is put back as it was.')
    .option('--plan <file>', 'do exactly this saved plan, or refuse')
    .option('--prove', 'look again afterwards: there must be nothing left to change')
    .action((own: { plan?: string; prove?: true }, program: Program) =>
      run({
        is: 'apply',
        flags: flagsOf(program),
        ...(own.plan === undefined ? {} : { plan: own.plan }),
        prove: own.prove === true,
      }),
    );
}

function addRollback(add: Add, run: Run): void {
  add('rollback', 'Put back what a run changed', 'Shows what it would put back and asks first.')
    .argument('[run]', 'the run, as apply named it (default: the last one that changed something)', runName)
    .action((name: string | undefined, _: unknown, program: Program) =>
      run({ is: 'rollback', flags: flagsOf(program), ...(name === undefined ? {} : { run: name }) }),
    );
}

/** The commands that have no flags of their own and change nothing. */
function addReadings(add: Add, run: Run): void {
  add(
    'drift',
    'Say what is no longer as it should be',
    'Changes nothing. Exit code 10 when something differs.',
  ).action((_: unknown, own: Program) => run({ is: 'drift', flags: flagsOf(own) }));
  add(
    'doctor',
    'Check every host before anything is done',
    'Changes nothing. Says what to do about each finding.',
  ).action((_: unknown, own: Program) => run({ is: 'doctor', flags: flagsOf(own) }));
}

function addVerify(add: Add, run: Run): void {
  add(
    'verify',
    'Prove that signing in works',
    'Changes nothing. Signs in as the user named by proof.user, shows the token to Prosody, enters a room, and\n' +
      'tries what must be refused. Exit code 1 when it does not hold, with the reason.',
  )
    .option('--from-outside', "also from this machine's own network, by the site's public name")
    .option('--watch <time>', 'again and again with this pause, such as 5m, until it is stopped', duration)
    .action((own: { fromOutside?: true; watch?: number }, program: Program) =>
      run({
        is: 'verify',
        flags: flagsOf(program),
        outside: own.fromOutside === true,
        ...(own.watch === undefined ? {} : { watchMs: own.watch }),
      }),
    );
}

/** Of the flags of all commands, the one that means something without hosts. */
const onlySet = ({ parent }: Program): Option[] =>
  (parent?.options ?? []).filter(({ long }) => long === '--set');

type PreviewOptions = Partial<Preview['files']> & Pick<Preview, 'graph' | 'out'>;

function addPreview(add: Add, run: Run): void {
  add(
    'preview',
    'Show what would change in local copies of config files',
    'Asks no host and needs no inventory: the variables come from --set, such as --set domain=meet.example.com.\n' +
      '--prosody may be repeated: the first file is edited, the others are only looked at.\n' +
      'Exit code 10 when there are differences, 2 when a file is refused.',
  )
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: onlySet })
    .option('--prosody <file>', 'a copy of /etc/prosody/conf.avail/DOMAIN.cfg.lua', fileToo)
    .option('--nginx <file>', 'a copy of /etc/nginx/sites-available/DOMAIN.conf', oneFile)
    .option('--jitsi-config <file>', 'a copy of /etc/jitsi/meet/DOMAIN-config.js', oneFile)
    .option('--graph <file>', 'another graph than the sign-in for Jitsi Meet', notEmpty)
    .option('--out <folder>', 'write the edited copies there, under their own names', notEmpty)
    .action((own: PreviewOptions, program: Program) => {
      const { prosody, nginx, jitsiConfig, graph, out } = own;
      run({
        is: 'preview',
        flags: flagsOf(program),
        files: {
          prosody: prosody ?? [],
          nginx: nginx ?? [],
          jitsiConfig: jitsiConfig ?? [],
        },
        ...(graph === undefined ? {} : { graph }),
        ...(out === undefined ? {} : { out }),
      });
    });
}
