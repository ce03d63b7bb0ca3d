import { parseLua } from '../lua/parse.js';
import type { Chunk } from '../lua/tree.js';
import { Refused } from '../outcome.js';
import { unfilledTemplate } from '../placeholder.js';

/** Tags of what such files are made with: Go (docker-jitsi-meet), Jinja (Ansible), ERB (Puppet, Chef), `envsubst`. */
const tag =
  /\{\{-?\s*(?:(?:if|else|end|range|with|template|define|block)\b|[.$]|\/\*|\w[\w.]*\s*(?:\||-?\}\}))|\{%|\{#.*?#\}|<%|\$\{/g;

/** Whether a place is in a line's tag of a template; Lua may stop at the tag's end or anywhere before it. */
function isInTag(line: string, column: number): boolean {
  for (const { index } of line.matchAll(tag)) {
    const close = /[%#}]\}|%>/g;
    close.lastIndex = index + 2;
    const end = close.test(line) ? close.lastIndex : line.length;
    if (index < column && column <= end) return true;
  }
  return false;
}

/**
 * The Lua of a file.
 *
 * @throws Refused when it is not Lua; as `template` when it is what such a file is made from.
 */
export function parseConfig(text: string): Chunk {
  try {
    return parseLua(text);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const line = text.split('\n')[error.at.line - 1] ?? '';
    if (!isInTag(line, error.at.column)) throw error;
    throw new Refused('template', unfilledTemplate, error.at);
  }
}
