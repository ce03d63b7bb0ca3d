import { join } from 'node:path';
import { parse } from 'dotenv';
import { isSecretRef } from '../shell/secret.js';
import { type Complaint, isSecretName } from './complaint.js';
import type { Located, Place } from './located.js';
import { readTrusted } from './trusted-file.js';
import { shortestSecret } from './vault.js';

/** A secret that the variables name, and where. */
export interface SecretUse {
  readonly name: string;
  readonly place: Place;
}

/** The secrets of an inventory. */
export interface Secrets {
  readonly values: ReadonlyMap<string, string>;
  readonly complaints: readonly Complaint[];
  readonly warnings: readonly string[];
}

/** Every `{ secret: NAME }` in a value that remembers its places. Other keys may stand beside the name. */
export function secretsIn(located: Located): readonly SecretUse[] {
  if (located.is === 'scalar') return [];
  if (located.is === 'list') return located.items.flatMap(secretsIn);
  const inner = [...located.entries.values()].flatMap(({ value }) => secretsIn(value));
  const named = located.entries.get('secret')?.value;
  if (named?.is !== 'scalar' || typeof named.value !== 'string' || !isSecretName(named.value)) return inner;
  return [{ name: named.value, place: named.place }, ...inner];
}

/** The names in every `{ secret: NAME }` of a plain value, such as one that a schema completed with its defaults. */
export function secretNames(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(secretNames);
  return isSecretRef(value) && isSecretName(value.secret) ? [value.secret, ...inner] : inner;
}

/**
 * Finds the values: in the environment, then in `.env` in the folder of the inventory. An empty value in the
 * environment counts as none. What is missing is reported by name, all at once.
 */
export async function findSecrets(
  uses: readonly SecretUse[],
  { folder, env }: { folder: string; env: Readonly<Record<string, string | undefined>> },
): Promise<Secrets> {
  const file = await readEnvFile(join(folder, '.env'));
  const values = new Map<string, string>();
  const complaints: Complaint[] = [...file.complaints];
  const names = new Map<string, readonly Place[]>();
  for (const { name, place } of uses) names.set(name, [...(names.get(name) ?? []), place]);
  for (const [name, places] of names) {
    const fromEnv = Object.hasOwn(env, name) ? env[name] : undefined;
    const value = fromEnv === undefined || fromEnv === '' ? file.values.get(name) : fromEnv;
    const place = places[0] ?? { is: 'whole', of: file.path };
    const wrong = value === undefined ? missing(name, file, places.length) : unusable(name, value);
    if (wrong !== null) complaints.push({ place, ...wrong });
    else if (value !== undefined) values.set(name, value);
  }
  const cut = [...names.keys()].flatMap((name) => file.cuts.get(name) ?? []);
  const weak = [...values].flatMap(([name, value]) => weakness(name, value) ?? []);
  return { values, complaints, warnings: [...cut, ...weak] };
}

interface EnvFile {
  readonly path: string;
  readonly values: ReadonlyMap<string, string>;
  readonly complaints: readonly Complaint[];
  /** By name: a warning that a `#` or a quote cut or changed the value. */
  readonly cuts: ReadonlyMap<string, string>;
  readonly isRefused: boolean;
}

async function readEnvFile(path: string): Promise<EnvFile> {
  const file = await readTrusted(path, { isPrivate: true, maxBytes: 1_000_000 });
  const nothing = { path, values: new Map(), complaints: [], cuts: new Map(), isRefused: false };
  if (file.is === 'absent') return nothing;
  if (file.is === 'refused') {
    const place: Place = { is: 'whole', of: path };
    return { ...nothing, complaints: [{ place, message: file.message, help: file.help }], isRefused: true };
  }
  const text = Buffer.from(file.bytes).toString('utf8');
  const values = new Map(Object.entries(parse(text)));
  return { ...nothing, values, cuts: cutsIn(text, path, values) };
}

/** Values that dotenv reads otherwise than a person would: cut at a `#`, or with a quote that never closes. */
function cutsIn(
  text: string,
  path: string,
  values: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const cuts = new Map<string, string>();
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    const [, name, value = ''] = /^\s*(?:export\s+)?([\w.-]+)\s*(?:=|:\s)\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) return;
    const quote = /^['"`]/.exec(value)?.[0];
    const mark = value.indexOf('#');
    const isCut = quote === undefined && mark >= 0 && !/\s/.test(value[mark - 1] ?? '');
    if (isCut) {
      cuts.set(
        name,
        `${path}:${index + 1}: the value of ${name} ends at its #; in single quotes it is kept whole`,
      );
    } else if (quote !== undefined && values.get(name)?.startsWith(quote) === true) {
      cuts.set(name, `${path}:${index + 1}: the value of ${name} starts with a quote that is never closed`);
    } else cuts.delete(name);
  });
  return cuts;
}

function missing(name: string, file: EnvFile, places: number): { message: string; help: string } | null {
  // When the file was refused, whether the name is in it cannot be known.
  if (file.isRefused) return null;
  return {
    message: `the secret ${name} has no value${places > 1 ? ` (named in ${places} places)` : ''}`,
    help: `export ${name}, or write ${name}='…' into ${file.path} (chmod 600)`,
  };
}

function unusable(name: string, value: string): { message: string; help: string } | null {
  if (value === '') return { message: `the secret ${name} is empty`, help: 'give it a value' };
  if (value.includes('\0'))
    return { message: `the secret ${name} holds a NUL character`, help: 'take it out' };
  if (value.length >= shortestSecret) return null;
  return {
    message: `the secret ${name} is too short to be kept out of outputs`,
    help: `use at least ${shortestSecret} characters; a good one: openssl rand -base64 24`,
  };
}

const usual = new Set([
  'admin',
  'administrator',
  'changeme',
  'change-me',
  'password',
  'secret',
  'keycloak',
  'jitsi',
]);

function weakness(name: string, value: string): string | null {
  if (usual.has(value.toLowerCase()))
    return `the secret ${name} is a word that everybody tries first: choose another`;
  if (value.length < 8) return `the secret ${name} has fewer than 8 characters: choose a longer one`;
  return /^\s|\s$/.test(value) ? `the secret ${name} starts or ends with white space: is that meant?` : null;
}
