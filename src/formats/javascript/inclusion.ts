import type { Span } from '../source.js';

/**
 * A server-side include, `<!--# command … -->`, which nginx replaces before a browser sees the script.
 * Source: ngx_http_ssi_module. jitsi-meet's own config.js uses `echo` inside strings.
 */
export interface Inclusion extends Span {
  readonly command: string;
}

const OPENING = '<!--#';
const CLOSING = '-->';

// nginx refuses longer parameter values (`ssi_value_length`, 256 by default). The bound keeps the search linear.
const LONGEST = 1024;

// A letter, so that `var x = <!--# echo var="y" -->;` reads as a name. No config file uses it.
const FILLER = '\u00aa';

/** The server-side includes of a script, in order. One that is never closed is none. */
export function inclusionsIn(code: string): readonly Inclusion[] {
  const found: Inclusion[] = [];
  let closing = 0;
  for (let start = code.indexOf(OPENING); start !== -1; ) {
    if (closing !== -1 && closing < start) closing = code.indexOf(CLOSING, start);
    if (closing === -1) break;
    const end = closing - start > LONGEST ? undefined : endOfInclusion(code, start);
    if (end !== undefined) found.push({ start, end, command: commandOf(code.slice(start, end)) });
    start = code.indexOf(OPENING, end ?? start + OPENING.length);
  }
  return found;
}

/**
 * The script with each include replaced by as many letters, or by spaces for a command that prints nothing.
 * Nothing else moves, so offsets stay true.
 */
export function maskInclusions(code: string, inclusions: readonly Inclusion[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, command } of inclusions) {
    const filler = prints(command) ? FILLER : ' ';
    parts.push(code.slice(from, start), filler.repeat(end - start));
    from = end;
  }
  return parts.join('') + code.slice(from);
}

/** Whether the command leaves its own text in the page. */
const prints = (command: string): boolean => command === 'echo' || command === 'include';

/** Whether the command can decide which lines of the file a browser gets to see. */
export const choosesCode = (command: string): boolean =>
  !['echo', 'set', 'config', 'comment'].includes(command);

const commandOf = (inclusion: string): string => /^<!--#\s*(\w*)/.exec(inclusion)?.[1] ?? '';

/** The end of the include at `start`. A `-->` inside a quoted parameter does not close it, unless that quote never ends. */
function endOfInclusion(code: string, start: number): number | undefined {
  const window = code.slice(start, start + LONGEST);
  let quote = '';
  for (let at = OPENING.length; at < window.length; at += 1) {
    const character = window.charAt(at);
    if (quote !== '') {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (window.startsWith(CLOSING, at)) return start + at + CLOSING.length;
  }
  const closing = window.indexOf(CLOSING);
  return closing === -1 ? undefined : start + closing + CLOSING.length;
}
