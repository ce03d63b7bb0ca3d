import { lineIndex } from '../line-index.js';
import { Refused } from '../outcome.js';
import { positionAt, textOf } from '../source.js';
import { checks, type PlacedFinding } from './lint-checks.js';
import { headerFindings, sectionsSwitchedOff } from './lint-headers.js';
import { mucOf } from './muc.js';
import { realmIn } from './realm.js';
import { readProsody } from './read.js';
import { type ProsodyView, type ReadFile, type SeenValue, seenBy, stringsOf, viewOf } from './view.js';

/** A Prosody file of a host. */
export interface ProsodySource {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What the lint is about. */
export interface SignInJob {
  readonly domain: string;
}

type Reading =
  | { readonly is: 'read'; readonly file: ReadFile }
  | { readonly is: 'broken'; readonly finding: PlacedFinding };

const fixes: ReadonlyMap<string, string> = new Map([
  ['template', 'put the file that is made from it in its place'],
]);

function brokenFile(path: string, text: string, { at, code, reason }: Refused): PlacedFinding {
  const line = text.split('\n')[at.line - 1] ?? '';
  const isBacktick = line[at.column - 1] === '`';
  return {
    code: isBacktick ? 'stray-backtick' : code,
    path,
    at,
    breaks: `${isBacktick ? 'a backtick is no Lua' : reason}: Prosody does not start with this file`,
    fix: isBacktick ? 'delete the backtick' : (fixes.get(code) ?? 'correct this line'),
  };
}

function read({ path, bytes }: ProsodySource): Reading {
  const text = textOf(bytes);
  try {
    return { is: 'read', file: { path, file: readProsody(text), positionOf: lineIndex(text) } };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { is: 'broken', finding: brokenFile(path, text, error) };
  }
}

/** Prosody hands a file to Lua as text, and then neither of these is skipped as `luac` skips them. */
function unloadableStart({ path, bytes }: ProsodySource): readonly PlacedFinding[] {
  const text = textOf(bytes);
  const hasMark = text.startsWith('\xef\xbb\xbf');
  if (!hasMark && !text.startsWith('#')) return [];
  const what = hasMark ? 'a byte order mark' : 'a `#` line';
  return [
    {
      code: hasMark ? 'byte-order-mark' : 'hash-line',
      path,
      at: positionAt(text, 0),
      breaks: `the file starts with ${what}, which Prosody does not skip: it does not start with this file`,
      fix: hasMark ? 'save the file as UTF-8 without a byte order mark' : 'delete the first line',
    },
  ];
}

function ambiguousMuc({ path, file }: ReadFile, domain: string): readonly PlacedFinding[] {
  try {
    mucOf(file, domain);
    return [];
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const fix = `say in VirtualHost "${domain}" which one it is: main_muc = "…"`;
    return [{ code: error.code, path, at: error.at, breaks: error.reason, fix }];
  }
}

function readAll(sources: readonly ProsodySource[]): { read: ReadFile[]; broken: PlacedFinding[] } {
  const readings = sources.map(read);
  return {
    read: readings.flatMap((reading) => (reading.is === 'read' ? [reading.file] : [])),
    broken: readings.flatMap((reading) => (reading.is === 'broken' ? [reading.finding] : [])),
  };
}

/**
 * Looks through the files of one Prosody for what breaks the sign-in of a domain. All files of a host belong in one
 * call, the main one and those that it includes: an option may be set in one and be needed in another.
 */
export function lintProsody(
  sources: readonly ProsodySource[],
  { domain }: SignInJob,
): readonly PlacedFinding[] {
  const { read: files, broken } = readAll(sources);
  const view = viewOf(files, domain);
  return [
    ...broken,
    ...sources.flatMap(unloadableStart),
    ...files.flatMap(headerFindings),
    ...files.flatMap((file) => ambiguousMuc(file, domain)),
    ...sectionsSwitchedOff(view),
    ...checks.flatMap((check) => check(view)),
  ];
}

/** What the Prosody files say about the sign-in of a domain, for comparison with nginx, config.js and Keycloak. */
export interface SignInFacts {
  readonly authentication: SeenValue | undefined;
  readonly issuers: SeenValue | undefined;
  readonly audiences: SeenValue | undefined;
  readonly clientId: SeenValue | undefined;
  readonly keysUrl: SeenValue | undefined;
  /** The realms of the accepted issuers and of the keys, each once. */
  readonly realms: readonly string[];
  readonly muc: string | undefined;
}

/** All files of one Prosody together; those that are not Lua are left out. */
export const viewSources = (sources: readonly ProsodySource[], { domain }: SignInJob): ProsodyView =>
  viewOf(readAll(sources).read, domain);

/** Reads what the files say; those that are not Lua are left out. */
export function signInFacts(sources: readonly ProsodySource[], job: SignInJob): SignInFacts {
  const view = viewSources(sources, job);
  const seen = (option: string) => seenBy(view, view.host, option);
  const issuers = seen('asap_accepted_issuers');
  const keysUrl = seen('cache_keys_url');
  const realms = [...stringsOf(issuers), ...stringsOf(keysUrl)].flatMap((url) => realmIn(url) ?? []);
  return {
    authentication: seen('authentication'),
    issuers,
    audiences: seen('asap_accepted_audiences'),
    clientId: seen('app_id'),
    keysUrl,
    realms: [...new Set(realms)],
    muc: view.muc,
  };
}
