import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { editFile, type FileEdit, maskFile } from '../../formats/editors.js';
import type { ConfigFile } from '../../formats/file-finding.js';
import { lintEdits, type SiteFiles, type SiteFinding } from '../../formats/lint.js';
import { graphLoader } from '../../inventory/graph-file.js';
import { offlineHost } from '../../inventory/offline.js';
import type { FilePatch } from '../../kinds/file-patch.js';
import { printableLine } from '../../lib/printable.js';
import { unifiedDiff } from '../../lib/text-diff.js';
import { Failed } from '../../model/failure.js';
import { buildGraph, type Graph } from '../../model/graph.js';
import type { Command } from '../args.js';
import type { ExitCode } from '../exit-code.js';

/** The command, and where it says things. */
type Preview = Command & { is: 'preview' };
type Say = (line: string) => void;

/** One local file with what the graph would make of it. */
interface Previewed {
  readonly format: FileEdit['format'];
  readonly path: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** Why it would not be touched, and what to do. */
  readonly refused: { readonly because: string; readonly next: string } | null;
}

/**
 * Shows, offline, what the graph would change in local copies of config files, and what is wrong in them. Exit code 10
 * for differences, 2 for a file that is refused.
 */
export async function preview(command: Preview, say: Say): Promise<ExitCode> {
  const definition = await graphLoader()(command.graph === undefined ? undefined : resolve(command.graph));
  const host = offlineHost(definition, command.flags.set);
  const graph = buildGraph(definition, [host]);
  const files = await Promise.all(
    formats.flatMap(({ flag, format }) => {
      const [path] = command.files[flag];
      return path === undefined ? [] : [previewed(graph, format, path)];
    }),
  );
  if (files.length === 0) throw nothingNamed();
  const others = await Promise.all(command.files.prosody.slice(1).map(asItIs));
  for (const file of files) tell(file, say);
  tellFindings(findingsIn(files, others, host.vars), say);
  if (command.out !== undefined) await keep(files, command.out);
  if (files.some(({ refused }) => refused !== null)) return 2;
  return files.some(({ before, after }) => !Buffer.from(before).equals(after)) ? 10 : 0;
}

const formats = [
  { flag: 'prosody', format: 'prosody' },
  { flag: 'nginx', format: 'nginx' },
  { flag: 'jitsiConfig', format: 'jitsi-config' },
] as const;

async function previewed(graph: Graph, format: FileEdit['format'], path: string): Promise<Previewed> {
  const before = await readLocal(path);
  let after: Uint8Array = before;
  for (const edit of editsIn(graph, format)) {
    const outcome = editFile(after, edit);
    if (outcome.is === 'edited') after = outcome.bytes;
    if (outcome.is !== 'refused') continue;
    const { at, code, reason } = outcome.refusal;
    const because = `${path}:${at.line}:${at.column}: ${reason}`;
    return { format, path, before, after: before, refused: { because, next: nextAfter[code] ?? simplify } };
  }
  return { format, path, before, after, refused: null };
}

const elsewhere = 'name the file that holds this domain, or the right domain with --set domain=DOMAIN';

/** What to do about a refusal, where the place itself is not the trouble or is no matter of taste. */
const nextAfter: Readonly<Record<string, string>> = {
  'section-not-found': elsewhere,
  'host-not-found': elsewhere,
  'no-server': elsewhere,
  'no-config': elsewhere,
  'no-tls-server': 'name the file with the server that people reach',
  syntax: 'mend this place first: the program that reads the file stops here, too',
  template: 'fill the template in, and name the file that comes out',
};

const simplify = 'make this place simple enough to be edited with certainty, or do this edit by hand';

/** A file that is looked at only. */
const asItIs = async (path: string): Promise<ConfigFile> => ({ path, source: await readLocal(path) });

const editsIn = (graph: Graph, format: FileEdit['format']): readonly FileEdit[] =>
  graph.tasks
    .filter((task) => task.kind.name === 'file.patch')
    .map((task) => (task.props as FilePatch).edit)
    .filter((edit) => edit.format === format);

async function readLocal(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Failed(
      {
        reason: 'configuration',
        what: `${path} cannot be read`,
        evidence: [cause instanceof Error ? cause.message : String(cause)],
        next: 'name a local copy of the file',
      },
      { cause },
    );
  }
}

const nothingNamed = (): Failed =>
  new Failed({
    reason: 'configuration',
    what: 'no file is named',
    next: 'name local copies with --prosody FILE, --nginx FILE or --jitsi-config FILE',
  });

function tell({ format, path, before, after, refused }: Previewed, say: Say): void {
  if (refused !== null) {
    say(`refused: ${printableLine(refused.because)}`);
    say(`  next: ${refused.next}`);
    return;
  }
  const diff = unifiedDiff({ path, before, after, mask: (text) => maskFile(text, format) });
  say(diff === '' ? `${printableLine(path)}: nothing to change` : diff.trimEnd());
}

/** What is wrong in the files now, and what will be after the edits. */
function findingsIn(
  files: readonly Previewed[],
  otherProsody: readonly ConfigFile[],
  vars: unknown,
): readonly SiteFinding[] {
  const { domain, realm, client } = vars as { domain?: unknown; realm?: unknown; client?: unknown };
  if (typeof domain !== 'string' || typeof realm !== 'string' || typeof client !== 'string') return [];
  const site = (state: 'before' | 'after'): SiteFiles => {
    const of = (format: FileEdit['format']): readonly ConfigFile[] =>
      files
        .filter((file) => file.format === format)
        .map((file) => ({ path: file.path, source: file[state] }));
    const [[nginx], [jitsiConfig]] = [of('nginx'), of('jitsi-config')];
    return {
      prosody: [...otherProsody, ...of('prosody')],
      ...(nginx === undefined ? {} : { nginx }),
      ...(jitsiConfig === undefined ? {} : { jitsiConfig }),
    };
  };
  return lintEdits(site('before'), site('after'), { domain, realm, client });
}

function tellFindings(findings: readonly SiteFinding[], say: Say): void {
  for (const { path, at, code, breaks, fix, state } of findings) {
    const once = state === 'edited' ? ' (once edited)' : '';
    say(printableLine(`${path}:${at.line}:${at.column}${once}: ${code}: ${breaks}`));
    say(printableLine(`  fix: ${state === 'mended' ? 'the edits above mend this' : fix}`));
  }
}

/** Writes the copies under their own names; a file that is refused is copied as it is. */
async function keep(files: readonly Previewed[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, after, refused } of files) {
    const copy = join(folder, basename(path));
    if (resolve(copy) === resolve(path)) throw overItself(path);
    if (refused === null) await writeFile(copy, after);
    else await copyFile(path, copy);
  }
}

const overItself = (path: string): Failed =>
  new Failed({
    reason: 'configuration',
    what: `--out would write over ${path} itself`,
    next: 'name another folder; nothing was written',
  });
