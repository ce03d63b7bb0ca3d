import { encodeLua, foreignValue, isName } from '../lua/encode.js';
import { removal } from '../lua/layout.js';
import { appended, withoutEntries } from '../lua/list.js';
import type { Quote } from '../lua/literal.js';
import type { Expression, TableExpression } from '../lua/tree.js';
import { type LuaValue, sameValue, worthOf } from '../lua/value.js';
import { Refused } from '../outcome.js';
import type { Span } from '../source.js';
import { type Splice, united } from '../splice.js';
import { type Change, noChange } from './change.js';
import { prosodyNames } from './header.js';
import { type FoundSection, optionPlace, placesOf } from './lookup.js';
import type { OptionPlace, ProsodyFile } from './model.js';
import { optionAdded, quoteOf, stepOf } from './placement.js';

/** Options whose values Prosody joins with the global ones, and whose lists are written one entry a line. */
const moduleLists: ReadonlySet<string> = new Set(['modules_enabled', 'modules_disabled']);

const refusal = (file: ProsodyFile, code: string, reason: string, at: number): Refused =>
  new Refused(code, reason, file.positionOf(at));

/** Refuses an option that an assignment in this file would not set. */
function refuseUnsettable(file: ProsodyFile, option: string): void {
  if (!isName(option) || prosodyNames.has(option)) {
    throw refusal(file, 'not-an-option', `\`${option}\` cannot be the name of an option`, 0);
  }
  const local = file.localNames.get(option);
  if (local !== undefined) {
    const reason = `\`${option}\` is a local variable in this file, so assigning to it sets no option`;
    throw refusal(file, 'shadowed-by-local', reason, local);
  }
}

/** The value of a place, where an editor may write one. */
function editableValue(file: ProsodyFile, { option, value, within, start }: OptionPlace): Expression {
  if (value !== undefined && within.is !== 'shared-statement') return value;
  throw refusal(
    file,
    'shared-assignment',
    `\`${option}\` is assigned together with other names here, which no edit can take apart`,
    start,
  );
}

const quoteAt = (text: string, at: number): Quote => (text[at] === "'" ? "'" : '"');

/** Writes over a span; a blank keeps the new text from growing into a word behind it. */
function replacement(text: string, { start, end }: Span, source: string): Splice {
  const wouldJoin = /[A-Za-z0-9_]$/.test(source) && /[A-Za-z0-9_.]/.test(text.charAt(end));
  return { start, end, text: wouldJoin ? `${source} ` : source };
}

/** Makes one list out of another, entry by entry, so that comments and layout between them stay. */
function listReplaced(file: ProsodyFile, table: TableExpression, value: readonly LuaValue[]): Splice[] {
  const { chunk } = file;
  const replaced = table.fields.slice(0, value.length).flatMap((field, at) => {
    const wanted = value[at];
    const worth = worthOf(chunk.text, field.value);
    if (wanted === undefined || (worth.is === 'known' && sameValue(worth.value, wanted))) return [];
    const quote = quoteAt(chunk.text, field.value.start);
    return [replacement(chunk.text, field.value, encodeLua(wanted, quote))];
  });
  const added = value.slice(table.fields.length).map((entry) => encodeLua(entry, listQuote(file, table)));
  const gone = withoutEntries(chunk, table, new Set(table.fields.slice(value.length)));
  return [...replaced, ...gone, ...(added.length > 0 ? appended(chunk, table, added) : [])];
}

const listQuote = ({ chunk }: ProsodyFile, { fields }: TableExpression): Quote =>
  quoteAt(chunk.text, fields.at(-1)?.value.start ?? -1);

function valueReplaced(file: ProsodyFile, place: OptionPlace, value: LuaValue): Splice[] {
  const { chunk } = file;
  const expression = editableValue(file, place);
  const isPlainList =
    expression.is === 'table' && expression.fields.every(({ key }) => key.is === 'position');
  if (isPlainList && Array.isArray(value))
    return listReplaced(file, expression, value as readonly LuaValue[]);
  const comment = chunk.comments.find(({ start, end }) => start > expression.start && end < expression.end);
  if (comment) {
    const reason = `the value of \`${place.option}\` has a comment inside that an edit would lose`;
    throw refusal(file, 'comment-inside-value', reason, comment.start);
  }
  return [replacement(chunk.text, expression, encodeLua(value, quoteAt(chunk.text, expression.start)))];
}

/** The value of a new option as lines of Lua. */
export function valueLines(
  option: string,
  value: LuaValue,
  { step, quote }: { step: string; quote: Quote },
): string[] {
  if (!moduleLists.has(option) || !Array.isArray(value) || value.length === 0)
    return [encodeLua(value, quote)];
  const entries = (value as readonly LuaValue[]).map((entry) => `${step}${encodeLua(entry, quote)};`);
  return ['{', ...entries, '}'];
}

/** Where and how an option is given its value. */
export interface Setting {
  readonly option: string;
  readonly value: LuaValue;
  /** What a new option stands behind; by default it is the last of its section. */
  readonly behind?: Span | undefined;
}

/** Gives an option a value. */
export function setChange(file: ProsodyFile, section: FoundSection, setting: Setting): Change {
  const { option, behind } = setting;
  refuseUnsettable(file, option);
  const value = foreignValue(setting.value);
  const wanted = [{ section: section.name, option, value }];
  const place = optionPlace(file, section, option);
  if (place === undefined) {
    const [stretch] = section.stretches;
    const style = { step: stepOf(file, stretch), quote: quoteOf(file, stretch) };
    const lines = valueLines(option, value, style);
    const added = optionAdded(file, stretch, { option, lines, behind });
    return { splices: added.splices, wanted, added: { option, behind: added.behind } };
  }
  const worth = place.value && worthOf(file.chunk.text, place.value);
  if (worth?.is === 'known' && sameValue(worth.value, value)) return noChange;
  return { splices: valueReplaced(file, place, value), wanted };
}

/** Takes an option out of a section, in every place that sets it. */
export function unsetChange(file: ProsodyFile, section: FoundSection, option: string): Change {
  optionPlace(file, section, option);
  const places = placesOf(section, option);
  const splices = places.flatMap((place) => {
    editableValue(file, place);
    const { within, start, end } = place;
    const [{ table }] = section.stretches;
    if (within.is === 'field' && table) return withoutEntries(file.chunk, table, new Set([within.field]));
    const semicolon = /^[ \t]*;/.exec(file.chunk.text.slice(end))?.[0].length ?? 0;
    return [removal(file.chunk, { start, end: end + semicolon })];
  });
  return { splices: united(splices), wanted: [{ section: section.name, option, value: undefined }] };
}

/** The list that an option holds, with its table, where both are written out in the file. */
function writtenList(
  file: ProsodyFile,
  place: OptionPlace,
): { table: TableExpression; values: readonly LuaValue[] } {
  const expression = editableValue(file, place);
  const worth = worthOf(file.chunk.text, expression);
  if (worth.is === 'known' && expression.is === 'table' && Array.isArray(worth.value)) {
    return { table: expression, values: worth.value as readonly LuaValue[] };
  }
  const reason = `the value of \`${place.option}\` is not a list that is written out here`;
  throw refusal(file, worth.is === 'computed' ? 'computed-value' : 'not-a-list', reason, expression.start);
}

/** Adds to a list option what it does not hold yet. */
export function addChange(
  file: ProsodyFile,
  section: FoundSection,
  option: string,
  values: readonly string[],
): Change {
  const added = values.map(foreignValue);
  const place = optionPlace(file, section, option);
  if (place === undefined) return setChange(file, section, { option, value: values });
  refuseUnsettable(file, option);
  const { table, values: held } = writtenList(file, place);
  const missing = added.filter((value, at) => !held.includes(value) && added.indexOf(value) === at);
  if (missing.length === 0) return noChange;
  const entries = missing.map((value) => encodeLua(value, listQuote(file, table)));
  const wanted = [{ section: section.name, option, value: [...held, ...missing] }];
  return { splices: appended(file.chunk, table, entries), wanted };
}

/** Takes values out of a list option, each as often as it is there. */
export function removeChange(
  file: ProsodyFile,
  section: FoundSection,
  option: string,
  values: readonly string[],
): Change {
  const gone = values.map(foreignValue);
  const place = optionPlace(file, section, option);
  if (place === undefined) return noChange;
  const { table, values: held } = writtenList(file, place);
  const fields = table.fields.filter((_, at) => gone.includes(held[at] ?? ''));
  if (fields.length === 0) return noChange;
  const value = held.filter((entry) => !gone.includes(entry));
  const splices = withoutEntries(file.chunk, table, new Set(fields));
  return { splices, wanted: [{ section: section.name, option, value }] };
}
