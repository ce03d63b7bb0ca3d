import { foreignText, indentAt, lineEndingAt, positionAt, type Span } from '../source.js';
import { encodeLua, foreignValue } from '../lua/encode.js';
import { isFirstOnLine, restOfLine } from '../lua/layout.js';
import { Refused } from '../outcome.js';
import type { Splice } from '../splice.js';
import type { Change } from './change.js';
import type { ProsodyEdit } from './edit.js';
import { requireSection } from './lookup.js';
import type { ProsodyFile, Stretch } from './model.js';
import { isHostName, preppedName } from './name.js';
import { valueLines } from './option-change.js';
import { atFileStart, quoteOf, stepOf } from './placement.js';

type HostEdit = Extract<ProsodyEdit, { is: 'virtual-host' }>;

/** The lines of a new section, in table form when its neighbour is in that form: global options may follow it. */
function sectionLines(file: ProsodyFile, neighbour: Stretch, { name, options }: HostEdit): string[] {
  const style = { step: stepOf(file, neighbour), quote: quoteOf(file, neighbour) };
  const isTable = neighbour.table !== undefined;
  const inside = Object.entries(options).flatMap(([option, value]) => {
    const [first = '', ...rest] = valueLines(option, foreignValue(value), style);
    const lines = [`${option} = ${first}`, ...rest];
    return isTable ? [...lines.slice(0, -1), `${lines.at(-1) ?? ''};`] : lines;
  });
  const header = `VirtualHost ${encodeLua(foreignText(name), style.quote)}`;
  const indented = inside.map((line) => style.step + line);
  return isTable ? [`${header} {`, ...indented, '}'] : [header, ...indented];
}

/** The end of a section's last line, with the comment lines behind it that still belong to it. */
function sectionEnd(file: ProsodyFile, stretch: Stretch, last: Span): number {
  const { chunk } = file;
  const { text } = chunk;
  const headerIndent = stretch.header ? indentAt(text, stretch.header.start).length : -1;
  const statementIndent = indentAt(text, last.start).length;
  const lines: { readonly end: number; readonly indent: number }[] = [];
  let at = restOfLine(chunk, last.end, true).at;
  const start = at;
  for (const comment of chunk.comments) {
    if (comment.start < at || !isFirstOnLine(text, comment.start)) continue;
    if (!/^\r?\n[ \t]*$/.test(text.slice(at, comment.start))) break;
    const rest = restOfLine(chunk, comment.end, true);
    if (rest.is === 'code') break;
    at = rest.at;
    lines.push({ end: at, indent: indentAt(text, comment.start).length });
  }
  // Comment lines that touch the next section are about that one, unless they are indented like options of this one.
  const isApart = /^(?:\s*$|\r?\n[ \t]*\r?\n)/.test(text.slice(at));
  const stays = (indent: number) => (isApart ? indent >= statementIndent : indent > headerIndent);
  const firstOther = lines.findIndex(({ indent }) => !stays(indent));
  return (firstOther === -1 ? lines : lines.slice(0, firstOther)).at(-1)?.end ?? start;
}

function sectionAdded(file: ProsodyFile, stretch: Stretch, lines: readonly string[]): Splice {
  const { text } = file.chunk;
  const isTable = stretch.table !== undefined;
  const last =
    (isTable ? undefined : stretch.statements.findLast(({ is }) => is !== 'empty')) ?? stretch.header;
  if (last === undefined) return atFileStart(file, lines);
  const eol = lineEndingAt(text, last.end);
  if (restOfLine(file.chunk, last.end, true).is === 'code') {
    return { start: last.end, end: last.end, text: `${eol}${lines.join(eol)}${eol}` };
  }
  const at = sectionEnd(file, stretch, last);
  const indent = stretch.header ? indentAt(text, stretch.header.start) : '';
  const touchesNext = /^\r?\n[ \t]*[^\s]/.test(text.slice(at, at + 200));
  const block = lines.map((line) => eol + indent + line).join('');
  return { start: at, end: at, text: eol + block + (touchesNext ? eol : '') };
}

/** Adds a `VirtualHost` that the file does not have yet. */
export function hostChange(file: ProsodyFile, edit: HostEdit): Change {
  if (!isHostName(edit.name)) {
    throw new Refused('not-a-host-name', `"${edit.name}" cannot be the name of a host`, positionAt('', 0));
  }
  const section = { is: 'host', name: preppedName(edit.name) } as const;
  const [neighbour] = requireSection(file, edit.after).stretches;
  const wanted = Object.entries(edit.options).map(([option, value]) => ({
    section,
    option,
    value: foreignValue(value),
  }));
  const splice = sectionAdded(file, neighbour, sectionLines(file, neighbour, edit));
  return { splices: [splice], wanted, newSection: section };
}
