import { parse, type Options, type Program } from 'acorn';
import { Refused } from '../outcome.js';
import { placeholderAt, unfilledTemplate } from '../placeholder.js';
import { positionAt, type Position, type Span } from '../source.js';
import { decodeText, type DecodedText } from './decode.js';
import { choosesCode, inclusionsIn, maskInclusions, type Inclusion } from './inclusion.js';
import { nodesWithin } from './node.js';

/** A parsed script. Every offset in it, those of the nodes too, is a byte offset into `text`. */
export interface Script {
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Span[];
  /** Where the commas of the code stand. */
  readonly commas: readonly number[];
  readonly inclusions: readonly Inclusion[];
}

interface Tokens {
  readonly comments: { start: number; end: number }[];
  readonly strings: Span[];
  readonly commas: number[];
}

// jitsi-meet's own config.js has 85,000 bytes, nearly all of them comments, and no config.js known to us has 3,000 tokens.
// The time that a file made for the purpose takes grows with the square of its tokens (acorn compares every `let` with
// every other), so that number is what has to be bounded.
const MOST_BYTES = 1_048_576;
const MOST_TOKENS = 50_000;

/**
 * Parses a classic script the way a browser does after nginx has replaced its server-side includes.
 *
 * @throws {Refused} `syntax`, `template`, `too-deep`, `too-large`, or `server-side-code` when an include decides which code there is.
 */
export function parseScript(text: string): Script {
  if (text.length > MOST_BYTES) throw tooLarge();
  const decoded = decodeText(text);
  const inclusions = inclusionsIn(decoded.code);
  const tokens: Tokens = { comments: [], strings: [], commas: [] };
  const program = parseMasked(text, decoded, maskInclusions(decoded.code, inclusions), tokens);
  refuseChosenCode(text, decoded, inclusions, tokens);
  return inBytes({ text, program, inclusions, ...tokens }, decoded);
}

function parseMasked(text: string, decoded: DecodedText, code: string, tokens: Tokens): Program {
  try {
    return parse(code, optionsFilling(tokens));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unreadable(text, decoded, error as SyntaxError & { readonly pos: number });
  }
}

function optionsFilling(tokens: Tokens): Options {
  let seen = 0;
  return {
    ecmaVersion: 'latest',
    sourceType: 'script',
    onComment: (_isBlock, _body, ...[start, end]) => tokens.comments.push({ start, end }),
    onToken: ({ type, start, end }) => {
      seen += 1;
      if (seen > MOST_TOKENS) throw tooLarge();
      if (type.label === ',') tokens.commas.push(start);
      else if (type.label === 'string' || type.label === 'template') tokens.strings.push({ start, end });
    },
  };
}

const tooLarge = (): Refused =>
  new Refused('too-large', 'this file is larger than any config.js that people write', {
    line: 1,
    column: 1,
  });

/** The refusal of code that cannot be followed to its end. */
export const tooDeep = (at: Position): Refused =>
  new Refused('too-deep', 'the code is nested too deeply to be followed', at);

function unreadable(
  text: string,
  decoded: DecodedText,
  error: SyntaxError & { readonly pos: number },
): Refused {
  const at = positionAt(text, decoded.byteAt(error.pos));
  // acorn's words for the end of its stack.
  if (error.message.startsWith('Not enough stack space')) return tooDeep(at);
  const placeholder = placeholderAt(decoded.code, error.pos);
  if (placeholder !== undefined)
    return new Refused('template', unfilledTemplate, positionAt(text, decoded.byteAt(placeholder.start)));
  const complaint = error.message.replace(/ \(\d+:\d+\)$/, '');
  return new Refused('syntax', `this is not valid JavaScript: ${complaint}`, at);
}

function refuseChosenCode(
  text: string,
  decoded: DecodedText,
  inclusions: readonly Inclusion[],
  tokens: Tokens,
): void {
  const chosen = inclusions.find(
    (inclusion) => choosesCode(inclusion.command) && !isInside(inclusion, tokens.strings),
  );
  if (chosen === undefined) return;
  const reason = `the web server decides here (\`${chosen.command}\`) which code a browser gets`;
  throw new Refused('server-side-code', reason, positionAt(text, decoded.byteAt(chosen.start)));
}

/** Whether a span lies in one of some ordered spans. */
function isInside(span: Span, ordered: readonly Span[]): boolean {
  const candidate = lastStartingBy(ordered, span.start);
  return candidate !== undefined && candidate.end >= span.end;
}

/** Whether one of some ordered spans overlaps with a span. */
export function overlapsAny(span: Span, ordered: readonly Span[]): boolean {
  const candidate = lastStartingBy(ordered, span.end - 1);
  return candidate !== undefined && candidate.end > span.start;
}

function lastStartingBy<T extends Span>(ordered: readonly T[], offset: number): T | undefined {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ordered[middle]?.start ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return ordered[low - 1];
}

function inBytes(script: Script, { code, byteAt }: DecodedText): Script {
  if (code.length === script.text.length) return script;
  for (const node of nodesWithin(script.program)) moveToBytes(node, byteAt);
  const moved = <T extends Span>(span: T): T => ({
    ...span,
    start: byteAt(span.start),
    end: byteAt(span.end),
  });
  return {
    ...script,
    comments: script.comments.map(moved),
    commas: script.commas.map(byteAt),
    inclusions: script.inclusions.map(moved),
  };
}

function moveToBytes(node: { start: number; end: number }, byteAt: (index: number) => number): void {
  node.start = byteAt(node.start);
  node.end = byteAt(node.end);
}
