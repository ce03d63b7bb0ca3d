/** The patterns that the Lua module's own lexer looks for (openresty/lua-nginx-module, util/gen-lexer-c). */
const mark = /--\[=*\[|--[^\n]*|\[=*\[|["'{}]/g;

/**
 * Offset just after the `}` that ends a `*_by_lua_block` whose body starts at `start`, or undefined if none does.
 *
 * Braces count unless they stand in a Lua comment, a long bracket or a quoted string that ends on its line; a quote
 * without its partner on the line means nothing to that lexer.
 */
export function luaBodyEnd(text: string, start: number): number | undefined {
  const unpaired = { '"': 0, "'": 0 };
  let depth = 1;
  let at = start;
  while (depth > 0) {
    mark.lastIndex = at;
    const found = mark.exec(text);
    if (!found) return undefined;
    const token = found[0];
    at = found.index + token.length;
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    else if (token.endsWith('[')) {
      const close = closingBracket(token);
      const end = text.indexOf(close, at);
      if (end === -1) return undefined;
      at = end + close.length;
    } else if ((token === '"' || token === "'") && unpaired[token] < at) {
      const end = quotedEnd(text, at, token);
      if (end.closed) at = end.offset;
      // From here every further quote of this kind is unpaired too: this keeps the scan linear.
      else unpaired[token] = end.offset;
    }
  }
  return at;
}

const closingBracket = (open: string): string => open.replace(/^--/, '').replaceAll('[', ']');

function quotedEnd(text: string, start: number, quote: string): { closed: boolean; offset: number } {
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === quote) return { closed: true, offset: at + 1 };
    if (char === '\\') at += 1;
    if (text[at] === '\n') return { closed: false, offset: at };
  }
  return { closed: false, offset: text.length };
}
