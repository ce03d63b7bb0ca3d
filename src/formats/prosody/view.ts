import { type LuaValue, worthOf } from '../lua/value.js';
import { Refused } from '../outcome.js';
import { type Position, readableText } from '../source.js';
import type { OptionPlace, ProsodyFile, SectionName, Stretch } from './model.js';
import { mucOf } from './muc.js';
import { preppedName } from './name.js';

/** A file that could be read, with the path that findings name. */
export interface ReadFile {
  readonly path: string;
  readonly file: ProsodyFile;
  readonly positionOf: (offset: number) => Position;
}

/** One place of one file. */
export interface Place {
  readonly path: string;
  readonly at: Position;
}

/** A value as a person reads it, and where it is set. Undefined `value`: only a run of the file can tell. */
export interface SeenValue extends Place {
  readonly value: LuaValue | undefined;
}

/** A stretch with its file. */
export interface PlacedStretch extends Place {
  readonly stretch: Stretch;
  readonly source: ReadFile;
}

/** All files of one Prosody together, asked about one domain. */
export interface ProsodyView {
  readonly domain: string;
  readonly stretches: readonly PlacedStretch[];
  /** The stretches of the domain's own `VirtualHost`. */
  readonly host: readonly PlacedStretch[];
  /** The main MUC component of the domain, when the files tell, and its stretches. */
  readonly muc: string | undefined;
  readonly meetings: readonly PlacedStretch[];
  /** The global value of an option that counts. */
  readonly globalValue: (option: string) => SeenValue | undefined;
}

function readable(value: LuaValue): LuaValue {
  if (typeof value === 'string') return readableText(value);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly LuaValue[]).map(readable);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [readableText(key), readable(entry)]),
  );
}

const isNamed = ({ stretch: { section } }: PlacedStretch, kind: SectionName['is'], name: string): boolean =>
  section.is === kind && 'name' in section && section.name === name;

/** The global values by option, worked out once: every section asks for them. */
function globalValues(stretches: readonly PlacedStretch[]): ProsodyView['globalValue'] {
  const last = new Map<string, () => SeenValue>();
  for (const placed of stretches) {
    if (placed.stretch.section.is !== 'global') continue;
    for (const place of placed.stretch.options) last.set(place.option, () => valueAt(placed, place));
  }
  return (option) => last.get(option)?.();
}

/** Puts files together in the order in which they are given. */
export function viewOf(files: readonly ReadFile[], domain: string): ProsodyView {
  const name = preppedName(domain);
  const stretches = files.flatMap((source) =>
    source.file.stretches.map((stretch) => ({
      stretch,
      source,
      path: source.path,
      at: source.positionOf(stretch.header?.start ?? 0),
    })),
  );
  const host = stretches.filter((placed) => isNamed(placed, 'host', name));
  const globalValue = globalValues(stretches);
  const [main] = stringsOf(valuesIn(host, 'main_muc').at(-1) ?? globalValue('main_muc'));
  const named = main === undefined ? undefined : preppedName(main);
  const isHere = stretches.some((placed) => isNamed(placed, 'component', named ?? ''));
  const muc = isHere
    ? named
    : files.map(({ file }) => mucOrNone(file, domain)).find((found) => found !== undefined);
  const meetings = stretches.filter((placed) => isNamed(placed, 'component', muc ?? ''));
  return { domain: name, stretches, host, muc, meetings, globalValue };
}

function mucOrNone(file: ProsodyFile, domain: string): string | undefined {
  try {
    return mucOf(file, domain);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** The stretches of one section, over all files. */
export const sectionIn = (
  view: ProsodyView,
  kind: 'host' | 'component',
  name: string,
): readonly PlacedStretch[] => view.stretches.filter((placed) => isNamed(placed, kind, name));

function valueAt({ source, path }: PlacedStretch, { value, start }: OptionPlace): SeenValue {
  const { text } = source.file.chunk;
  const worth = value && worthOf(text, value);
  return {
    path,
    at: source.positionOf(start),
    value: worth?.is === 'known' ? readable(worth.value) : undefined,
  };
}

/** Every value that these stretches give an option, the one that counts last. */
export const valuesIn = (stretches: readonly PlacedStretch[], option: string): readonly SeenValue[] =>
  stretches.flatMap((placed) =>
    placed.stretch.options.filter((place) => place.option === option).map((place) => valueAt(placed, place)),
  );

/** An option as a section sees it: its own value, else the global one. */
export const seenBy = (
  view: ProsodyView,
  own: readonly PlacedStretch[],
  option: string,
): SeenValue | undefined => valuesIn(own, option).at(-1) ?? view.globalValue(option);

/** The strings of a value that is a list or a string. */
export function stringsOf(seen: SeenValue | undefined): readonly string[] {
  const value = seen?.value;
  const all = Array.isArray(value) ? (value as readonly LuaValue[]) : value === undefined ? [] : [value];
  return all.filter((entry) => typeof entry === 'string');
}

/** The modules of a section: its own, and for a host the global ones too. */
export function modulesOf(view: ProsodyView, own: readonly PlacedStretch[]): ReadonlySet<string> {
  const isHost = own.some(({ stretch }) => stretch.section.is === 'host');
  const global = isHost ? view.globalValue('modules_enabled') : undefined;
  return new Set([...stringsOf(valuesIn(own, 'modules_enabled').at(-1)), ...stringsOf(global)]);
}
