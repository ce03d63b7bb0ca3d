import type { Span } from './source.js';

// Jinja and Go, ERB, and the shell's envsubst.
const PLACEHOLDER = /\{\{[^\n]*?\}\}|\{%[^\n]*?%\}|\{#[^\n]*?#\}|<%[^\n]*?%>|\$\{\w+\}/g;

const LONGEST_LINE = 10_000;

/** The placeholder of a template that an offset lies in or right after, on one line. */
export function placeholderAt(text: string, offset: number): Span | undefined {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(lineStart, lineStart + LONGEST_LINE).split('\n', 1)[0] ?? '';
  for (const { 0: placeholder, index } of line.matchAll(PLACEHOLDER)) {
    const start = lineStart + index;
    const end = start + placeholder.length;
    if (offset >= start && offset <= end) return { start, end };
  }
  return undefined;
}

/** Why a file with such a placeholder where code should be is refused as `template`. */
export const unfilledTemplate = 'this is a template that still has to be filled in';
