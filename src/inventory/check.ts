import type { z } from 'zod';
import { closest } from '../lib/closest.js';
import type { Complaint } from './complaint.js';
import { deepest, keyPlace, type Located, type Path, pathText, type Place, valueAt } from './located.js';

/** What a schema made of a value, or every complaint about it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

/** How to talk about the value that is checked. */
export interface Subject {
  /** Stands before every path: `vars`. */
  readonly prefix: Path;
  /** Where something is missed that has no place of its own. */
  readonly missingAt?: Place;
  /** Where a missing key may be written. */
  readonly missingHelp?: string;
}

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

/** Checks a value against a schema. Each complaint points at the place where the wrong value was written. */
export function check<T>(
  schema: z.ZodType<T>,
  value: unknown,
  located: Located,
  subject: Subject,
): Checked<T> {
  const knownKeys = new Map<string, readonly string[]>();
  const error = (issue: RawIssue): string | undefined => {
    if (issue.code === 'unrecognized_keys') knownKeys.set(pathText(pathOf(issue.path)), keysOf(issue.inst));
    return wordsOf(issue);
  };
  const result = schema.safeParse(value, { error });
  if (result.success) return { ok: true, value: result.data };
  const complaints = result.error.issues
    .map(closestIssue)
    .flatMap((issue) => complaintsOf(issue, located, { subject, knownKeys }));
  return { ok: false, complaints };
}

function complaintsOf(
  issue: Issue,
  located: Located,
  { subject, knownKeys }: { subject: Subject; knownKeys: ReadonlyMap<string, readonly string[]> },
): readonly Complaint[] {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      unknownKey(key, path, { located, subject, known: knownKeys.get(pathText(path)) }),
    );
  }
  const { place, whole } = deepest(located, path);
  const isRoot = !whole && path.length === 1;
  const written = whole ? valueAt(located, path) : null;
  const name = pathText([...subject.prefix, ...path]);
  const help = whole ? quotesHelp(issue, written) : subject.missingHelp;
  return [
    {
      place: isRoot && subject.missingAt ? subject.missingAt : place,
      message: name === '' ? `this ${issue.message}` : `${name} ${issue.message}`,
      ...(help === undefined ? {} : { help }),
    },
  ];
}

function unknownKey(
  key: string,
  path: Path,
  { located, subject, known }: { located: Located; subject: Subject; known: readonly string[] | undefined },
): Complaint {
  const [guess] = closest(key, known ?? []);
  const where = pathText([...subject.prefix, ...path]);
  const message = `unknown key "${key}"${where === '' ? '' : ` in ${where}`}`;
  const place = keyPlace(located, path, key);
  if (guess !== undefined) return { place, message, help: `did you mean "${guess}"?` };
  return { place, message, ...(known?.length ? { help: `known here: ${known.join(', ')}` } : {}) };
}

/** YAML reads `26.40` as the number 26.4: where text is wanted, say how to write it. */
function quotesHelp(issue: Issue, written: Located | null): string | undefined {
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string';
  if (!wantsText || written?.is !== 'scalar' || written.value === null) return undefined;
  return `in quotes: "${written.source}"`;
}

/** Of a union, the complaint of the form that was meant: the one that got furthest. */
function closestIssue(issue: Issue): Issue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const depth = (branch: readonly Issue[]): number => Math.max(0, ...branch.map(({ path }) => path.length));
  const [best] = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
  const inner = best?.[0];
  if (inner === undefined || depth(best ?? []) === 0) return issue;
  return closestIssue({ ...inner, path: [...issue.path, ...inner.path] });
}

/** The rest of a sentence that starts with the name of the value. An author's own message comes before these. */
function wordsOf(issue: RawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'custom') return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nouns[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return Array.isArray(issue.options)
        ? `must be one of ${issue.options.map(String).join(', ')}`
        : `has none of the forms that are allowed here: ${kindOf(issue.input)} does not fit`;
    case 'too_small':
      return `must ${amount(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `must ${amount(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_format':
      return `must be ${issue.format === 'regex' ? `of the form ${issue.pattern ?? ''}` : `a valid ${issue.format}`}`;
    case 'unrecognized_keys': // has words of its own
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
      return undefined;
  }
}

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  null: 'empty',
};

function kindOf(input: unknown): string {
  if (input === null) return 'empty';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a map';
  if (typeof input === 'boolean') return `the boolean ${String(input)}`;
  if (typeof input === 'number') return Number.isInteger(input) ? 'a number' : 'a number with a fraction';
  return 'text';
}

const amount = (origin: string): string => (origin === 'number' || origin === 'int' ? 'be' : 'have');

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' || origin === 'set' ? ' entries' : '';
}

const pathOf = (path: readonly PropertyKey[] | undefined): Path =>
  (path ?? []).map((step) => (typeof step === 'symbol' ? String(step) : step));

/** The keys that an object's schema knows. */
function keysOf(schema: unknown): readonly string[] {
  const shape = (schema as { readonly shape?: unknown } | undefined)?.shape;
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : [];
}
