import { type Context, createContext, runInContext } from 'node:vm';

/** Puts in what nginx would: every `echo` prints its default, which is nothing. */
const expandIncludes = (source: Uint8Array): string =>
  Buffer.from(source)
    .toString('utf8')
    .replaceAll(/<!--#\s*echo\b[^>]*-->/g, '');

function emptyPage(): Context {
  const page = createContext({ console: { log: () => undefined } });
  runInContext('var window = globalThis, self = globalThis, location = { search: "", host: "" };', page);
  return page;
}

/** Whether a page has an object `config` when the file has run, or has stopped half-way. */
export function makesConfig(source: Uint8Array): boolean {
  const page = emptyPage();
  try {
    runInContext(expandIncludes(source), page, { timeout: 5000 });
  } catch {
    // What stands before the error has run.
  }
  return runInContext('typeof config === "object" && config !== null', page) as boolean;
}

/**
 * Runs a config.js as a page does and gives `config` as plain data, functions by their source.
 *
 * The judge of the editor's work: it shares nothing with the editor.
 */
export function runConfig(source: Uint8Array): Record<string, unknown> {
  const page = emptyPage();
  runInContext(expandIncludes(source), page, { timeout: 5000 });
  const json: unknown = runInContext(
    'JSON.stringify(config, (key, value) => (typeof value === "function" ? String(value) : value))',
    page,
  );
  return JSON.parse(String(json)) as Record<string, unknown>;
}

/** The same data without some values: `hosts.anonymousdomain`. */
export function without(config: Record<string, unknown>, paths: readonly string[]): Record<string, unknown> {
  const copy = structuredClone(config);
  for (const path of paths) {
    const keys = path.split('.');
    let object: Record<string, unknown> | undefined = copy;
    for (const key of keys.slice(0, -1)) object = object?.[key] as Record<string, unknown> | undefined;
    if (object !== undefined) Reflect.deleteProperty(object, keys.at(-1) ?? '');
  }
  return copy;
}

export function valueAt(config: Record<string, unknown>, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], config);
}
