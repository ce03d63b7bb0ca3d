import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { editFile, type FileEdit, maskFile } from '../../formats/editors.js';
import type { ConfigFile } from '../../formats/file-finding.js';
import { lintSite, type SiteFiles } from '../../formats/lint.js';
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
  /** Why it would not be touched. */
  readonly refused: string | null;
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
      const path = command.files[flag];
      return path === undefined ? [] : [previewed(graph, format, path)];
    }),
  );
  if (files.length === 0) throw nothingNamed();
  for (const file of files) tell(file, say);
  tellFindings(files, host.vars, say);
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
    const { at, reason } = outcome.refusal;
    return { format, path, before, after: before, refused: `${path}:${at.line}:${at.column}: ${reason}` };
  }
  return { format, path, before, after, refused: null };
}

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
    say(`refused: ${printableLine(refused)}`);
    say('  next: make this place simple enough to be edited with certainty, or do this edit by hand');
    return;
  }
  const diff = unifiedDiff({ path, before, after, mask: (text) => maskFile(text, format) });
  say(diff === '' ? `${printableLine(path)}: nothing to change` : diff.trimEnd());
}

/** What would still be wrong after the edits; in a file that is refused, what is wrong now. */
function tellFindings(files: readonly Previewed[], vars: unknown, say: Say): void {
  const { domain, realm, client } = vars as { domain?: unknown; realm?: unknown; client?: unknown };
  if (typeof domain !== 'string' || typeof realm !== 'string' || typeof client !== 'string') return;
  const file = (format: FileEdit['format']): ConfigFile | undefined => {
    const found = files.find((one) => one.format === format);
    return found === undefined ? undefined : { path: found.path, source: found.after };
  };
  const [prosody, nginx, jitsiConfig] = [file('prosody'), file('nginx'), file('jitsi-config')];
  const site: SiteFiles = {
    ...(prosody === undefined ? {} : { prosody }),
    ...(nginx === undefined ? {} : { nginx }),
    ...(jitsiConfig === undefined ? {} : { jitsiConfig }),
  };
  for (const { path, at, code, breaks, fix } of lintSite(site, { domain, realm, client })) {
    say(printableLine(`${path}:${at.line}:${at.column}: ${code}: ${breaks}`));
    say(printableLine(`  fix: ${fix}`));
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
