import { spawnSync } from 'node:child_process';
import module from 'node:module';
import { basename, extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Failed } from '../model/failure.js';
import type { GraphDefinition } from '../model/graph.js';
import * as hooks from './graph-hooks.js';
import { readTrusted } from './trusted-file.js';

/** `.js` when built, `.ts` when we run from our sources, where tsx is loaded already. */
const ours = extname(import.meta.url);

const defaultGraph = fileURLToPath(new URL(`../../tasks/jitsi-keycloak${ours}`, import.meta.url));

/**
 * Loads graphs written in TypeScript or JavaScript. A graph may lie anywhere: `orchestrate` in it means this very
 * process's front door, with no package installed beside it. Node is prepared for that by the first call.
 */
export function graphLoader(): (path: string | undefined) => Promise<GraphDefinition> {
  let prepared: Promise<void> | null = null;
  return async (path = defaultGraph) => {
    const source = await readGraph(path);
    prepared ??= prepareNode();
    await prepared;
    return graphIn(await evaluated(path, source), path);
  };
}

async function prepareNode(): Promise<void> {
  if (ours === '.js') {
    const { register } = await import('tsx/esm/api');
    // No tsconfig.json of the current folder has a say in how a graph is read.
    register({ tsconfig: false });
  }
  // Registered after tsx, so that these hooks are asked first.
  const data: hooks.DoorData = { door: new URL(`../index${ours}`, import.meta.url).href };
  const { registerHooks } = module as { registerHooks?: (registered: Pick<typeof hooks, 'resolve'>) => void };
  if (registerHooks === undefined) {
    module.register(`./graph-hooks${ours}`, import.meta.url, { data });
  } else {
    // Node deprecates `register` where it has `registerHooks` (from 22.15).
    hooks.initialize(data);
    registerHooks({ resolve: hooks.resolve });
  }
}

async function readGraph(path: string): Promise<Uint8Array> {
  const read = await readTrusted(path, { isPrivate: false, maxBytes: 4 * 1024 * 1024 });
  if (read.is === 'absent')
    throw wrong(`there is no graph ${path}`, 'the path is relative to the inventory: correct it');
  if (read.is === 'refused') throw wrong(`the graph ${path} ${read.message}`, read.help);
  if (!['.ts', '.mts', '.js', '.mjs'].includes(extname(path))) {
    throw wrong(`the graph ${path} is neither TypeScript nor JavaScript`, 'name a .ts or .js file');
  }
  return read.bytes;
}

async function evaluated(path: string, source: Uint8Array): Promise<object> {
  try {
    return (await import(pathToFileURL(path).href)) as object;
  } catch (error) {
    if (error instanceof Failed) throw error;
    throw wrong(`the graph ${path} cannot be loaded`, 'correct the file', whyNot(error, path, source));
  }
}

function graphIn(loaded: object, path: string): GraphDefinition {
  const next = 'end the file with: export default graph({ name, vars, build })';
  if (!('default' in loaded)) throw wrong(`the graph ${path} has no default export`, next);
  const { default: graph } = loaded as { default: Partial<GraphDefinition> | null | undefined };
  const isGraph =
    graph?.is === 'graph' &&
    typeof graph.name === 'string' &&
    typeof graph.build === 'function' &&
    typeof graph.vars?.safeParse === 'function';
  if (!isGraph) throw wrong(`what ${path} exports by default is not a graph`, next);
  return graph as GraphDefinition;
}

/** The lines that show what is wrong and where: `graph.ts:3:1: Expected "}" but found "const"`. */
function whyNot(error: unknown, path: string, source: Uint8Array): readonly string[] {
  const thrown = error instanceof Error ? error : new Error(String(error));
  // Of esbuild, through tsx: "Transform failed with 1 error:\n/path/graph.ts:3:1: ERROR: …".
  const syntax = [...thrown.message.matchAll(/^(.+?:\d+:\d+): ERROR: (.*)$/gm)];
  if (syntax.length > 0) return syntax.map(([, place = '', what = '']) => `${place}: ${what}`);
  // Neither tsx nor Node says where JavaScript cannot be read.
  if (thrown.name === 'SyntaxError' || thrown.message.startsWith('Parse error')) {
    const said = syntaxOf(path, source);
    if (said.length > 0) return said;
  }
  const name = thrown.name === 'Error' ? '' : `${thrown.name}: `;
  const stack = (thrown.stack ?? '').split('\n');
  const place = stack.find((line) => /^\s+at /.test(line) && line.includes(basename(path)))?.trim();
  const head = /^(?:file:\/\/)?(\/.*:\d+)$/.exec(stack[0] ?? '')?.[1];
  return [`${name}${thrown.message.split('\n')[0] ?? ''}`, ...(place ? [place] : head ? [`at ${head}`] : [])];
}

/** What Node says about the syntax of a JavaScript file: place, line, marks and error. Nothing when it is right. */
function syntaxOf(path: string, source: Uint8Array): readonly string[] {
  if (!['.js', '.mjs'].includes(extname(path))) return [];
  const { stderr } = spawnSync(process.execPath, ['--check', '--input-type=module', '-'], {
    input: source,
    encoding: 'utf8',
    timeout: 20_000,
  });
  const lines = stderr.split('\n').slice(0, 5);
  return lines.filter((line) => line.trim() !== '').map((line) => line.replace(/^\[stdin\]/, path));
}

const wrong = (what: string, next: string, evidence: readonly string[] = []): Failed =>
  new Failed({ reason: 'configuration', what, next, evidence });
