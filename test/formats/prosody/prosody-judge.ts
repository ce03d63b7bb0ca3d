import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import type { ProsodyFile } from '../../../src/formats/prosody/model.js';
import { optionKey, optionsSeen } from '../../../src/formats/prosody/seen.js';
import { findTool, output } from '../lua/tool.js';

const script = fileURLToPath(new URL('prosody-options.lua', import.meta.url));
const sourceDir = '/usr/lib/prosody';

/** The Lua that an installed Prosody runs on; undefined without Prosody. */
export const prosodyLua: string | undefined = existsSync(join(sourceDir, 'core/configmanager.lua'))
  ? findTool('lua5.4', 'lua5.2', 'lua5.1')
  : undefined;

/** The options of a file by section and option, strings as bytes; or why Prosody does not load it. */
export type RealOptions =
  | Readonly<Record<string, Readonly<Record<string, unknown>>>>
  | { readonly error: string };

/* On the first line, so that lines keep their numbers: a file is judged alone, without those that it includes. */
const withoutIncludes = 'local Include, include, RunScript = print, print, print; ';

/** Files that one process loads: Prosody's loader goes through all that it has loaded for each one more. */
const batch = 500;

/** What a real Prosody's own loader makes of files (text of one character a byte). */
export const loadedByProsody = (lua: string, texts: readonly string[]): RealOptions[] =>
  Array.from({ length: Math.ceil(texts.length / batch) }, (_, index) =>
    loadedAtOnce(lua, texts.slice(index * batch, (index + 1) * batch)),
  ).flat();

function loadedAtOnce(lua: string, texts: readonly string[]): RealOptions[] {
  const folder = mkdtempSync(join(tmpdir(), 'prosody-'));
  try {
    const paths = texts.map((text, at) => {
      const path = join(folder, `${at}.cfg.lua`);
      const includes = /\binclude\b|\bRunScript\b/i.test(text);
      writeFileSync(path, (includes ? withoutIncludes : '') + text, 'latin1');
      return path;
    });
    const printed = output(lua, [script, sourceDir, ...paths]);
    return printed
      .trimEnd()
      .split('\n')
      .filter((line) => /^[{[]/.test(line))
      .map((line) => JSON.parse(line) as RealOptions);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The verdict of `prosodyctl check config`: 0, 2 for findings, 1 when it does not load. */
export interface Checked {
  readonly code: number;
  readonly lines: readonly string[];
}

/** What `prosodyctl check config` says of each of these texts, one after the other at the same path. */
export function checkedByProsody(prosodyctl: string, texts: readonly string[]): readonly Checked[] {
  const folder = mkdtempSync(join(tmpdir(), 'prosody-'));
  const path = join(folder, 'prosody.cfg.lua');
  // When started as root it goes on as the user `prosody`.
  chmodSync(folder, 0o755);
  try {
    return texts.map((text) => {
      writeFileSync(path, text, 'latin1');
      const { status, stdout } = spawnSync(prosodyctl, ['--config', path, 'check', 'config'], {
        encoding: 'latin1',
      });
      return { code: status ?? 1, lines: stdout.split('\n') };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The virtual hosts that a real Prosody finds in each of these files; undefined for one that it does not load. */
export const hostsInProsody = (
  lua: string,
  texts: readonly string[],
): readonly (readonly string[] | undefined)[] =>
  loadedByProsody(lua, texts).map((sections) => {
    if ('error' in sections && typeof sections['error'] === 'string') return undefined;
    return Object.entries(sections as Readonly<Record<string, Readonly<Record<string, unknown>>>>)
      .filter(([name, options]) => name !== '*' && options['component_module'] === undefined)
      .map(([name]) => name);
  });

const ownOptions: ReadonlySet<string> = new Set(['defined', 'component_module', 'load_global_modules']);

/** How our model and a real Prosody differ about a file: a line for each option, none when they agree. */
export function differences(file: ProsodyFile, real: RealOptions): string[] {
  if ('error' in real && typeof real['error'] === 'string') return [real['error']];
  const sections = real as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const modelled = optionsSeen(file);
  const names = new Map(
    file.stretches.map(({ section }) => ['name' in section ? section.name : '*', section]),
  );
  const found = Object.entries(sections).flatMap(([name, options]) => {
    const section = names.get(name);
    if (section === undefined) return [`${name} is a section that the model does not have`];
    const module = section.is === 'component' ? section.module : undefined;
    if (options['component_module'] !== module) return [`${name} is another module`];
    return Object.entries(options).flatMap(([option, value]) => {
      if (ownOptions.has(option)) return [];
      const seen = modelled.get(optionKey(section, option));
      const isSame =
        seen?.is === 'value'
          ? JSON.stringify(sorted(seen.value)) === JSON.stringify(sorted(value))
          : seen?.is === 'code';
      return isSame ? [] : [`${name} ${option}: ${JSON.stringify(seen)} but really ${JSON.stringify(value)}`];
    });
  });
  const missing = [...modelled].flatMap(([key, seen]) => {
    const [is, name, option] = JSON.parse(key) as [string, string, string];
    const options = sections[is === 'global' ? '*' : name];
    const isThere = option === '' ? options !== undefined : options?.[option] !== undefined;
    return isThere || seen.is === 'code' ? [] : [`${key} is in the model only`];
  });
  return [...found, ...missing];
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, entry]) => [key, sorted(entry)] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}
