import { Refused } from '../outcome.js';
import type { Span } from '../source.js';
import { luaBodyEnd } from './lua-body.js';
import { readToken, type Token, type Word } from './token.js';

const mask = '*****';

/** Names of headers, parameters and variables that hold something secret. */
const secretName =
  /^(?!access-control-).*(pass(word|wd|phrase)?\b|passw|secret|token|api[-_]?key|auth[-_]?key|access[-_]?key|authorization|credential|cookie|jwt|signature)/i;

/** Directives whose own name says that their value is secret; `…_file` names a path. */
const secretDirective = /(secret|password|passwd|passphrase|secure_link_md5)(?!.*_file$)/;

/** Directives of the form NAME VALUE, and how many words stand before the value. */
const namedValues: Readonly<Record<string, number>> = {
  add_header: 2,
  proxy_set_header: 2,
  grpc_set_header: 2,
  auth_http_header: 2,
  more_set_input_headers: 1,
  more_set_headers: 1,
  fastcgi_param: 2,
  uwsgi_param: 2,
  scgi_param: 2,
  set: 2,
};

/**
 * The same text with what looks secret replaced by `*****`, for people to read.
 *
 * Masked are values of headers, parameters and variables with a telling name, passwords in URLs, bearer and basic
 * credentials, private keys, and `name = value` of that kind in Lua and in comments. Paths of key files and values that
 * are only variables stay. Text that nginx would not read is masked line by line.
 */
export function maskNginx(text: string): string {
  const spans: Span[] = [];
  scan(text, spans);
  let masked = '';
  let at = 0;
  for (const span of spans) {
    masked += maskText(text.slice(at, span.start)) + mask;
    at = span.end;
  }
  return masked + maskText(text.slice(at));
}

/** Collects the spans of secret words, in order. Where the text cannot be read it goes on with the next line. */
function scan(text: string, spans: Span[]): void {
  const blocks: boolean[] = [];
  let words: Word[] = [];
  for (let at = 0; at < text.length; ) {
    const token = tokenOrNextLine(text, at);
    at = token.end;
    if (token.is === 'word') words.push(token);
    if (token.is === 'word' || token.is === 'comment') continue;
    spans.push(...secretWords(words, blocks.at(-1) ?? false));
    if (token.is === '}') blocks.pop();
    if (token.is === '{') {
      if (words[0]?.value.endsWith('_by_lua_block')) at = luaBodyEnd(text, at) ?? text.length;
      else blocks.push(isSecretMap(words));
    }
    words = [];
  }
}

function tokenOrNextLine(text: string, at: number): Token | (Span & { readonly is: 'unread' }) {
  try {
    return readToken(text, at);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const line = /\S[^\n]*(\n|$)/g;
    line.lastIndex = at;
    line.exec(text);
    return { is: 'unread', start: at, end: Math.max(line.lastIndex, at + 1) };
  }
}

/** Whether a block maps something to a variable with a telling name: then all its values are secret. */
const isSecretMap = ([name, , target]: readonly Word[]): boolean =>
  name?.value === 'map' && secretName.test(target?.value ?? '');

function secretWords(words: readonly Word[], inSecretMap: boolean): readonly Span[] {
  const [name, ...rest] = words;
  if (!name) return [];
  if (inSecretMap) return rest.filter(isSecretValue);
  if (secretDirective.test(name.value)) return rest.filter(isSecretValue);
  const before = namedValues[name.value];
  if (before !== undefined && secretName.test(rest[0]?.value ?? '')) {
    return words.slice(before).filter((word) => word.value !== 'always' && isSecretValue(word));
  }
  if (name.value === 'if' && secretName.test(rest[0]?.value ?? ''))
    return rest.slice(2).filter(isSecretValue);
  return [];
}

/** Paths and values made of variables alone give nothing away. */
const isSecretValue = ({ value }: Word): boolean =>
  value !== '' &&
  value !== ')' &&
  !/^(\/|data:\$)|^((Bearer|Basic) )?[\s,;]*(\$\{?\w+\}?[\s,;]*)+\)?$/.test(value);

/** Masks what can be told without reading directives. */
const maskText = (text: string): string =>
  text
    .replace(/(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^]*?(-----END|$)/g, `$1${mask}$2`)
    .replace(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"']{0,200}:)[^\s/@"']{1,200}(?=@)/gi, `$1${mask}`)
    .replace(/\b(Basic|Bearer)( +)(?=\S{0,200}([0-9=+/]|[a-z][A-Z]))[A-Za-z0-9+/=._~-]{8,}/g, `$1$2${mask}`)
    .replace(
      /((?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key)[\w-]{0,40}["']?\]?\s{0,9}[=:]\s{0,9})(?!=|(?:true|false|nil)\b)("[^"\n]*"|'[^'\n]*'|(?![\w.]+\()[^\s"',;&|(){}$/]+)/gi,
      (_, head: string, value: string) =>
        head + (/^["']/.test(value) ? value.charAt(0) + mask + value.charAt(0) : mask),
    );
