import { foreignText } from '../source.js';

/**
 * The path that nginx compares with its locations, or undefined where nginx answers 400.
 *
 * By ngx_http_parse_complex_uri (nginx, src/http/ngx_http_parse.c): the query and the fragment are cut off, `%XX` is
 * decoded, `//` becomes `/`, `/./` and `/../` are resolved after decoding. `%00`, a bad `%`, and a `/../` above the
 * root are refused. The result is latin1 text, one character a byte.
 */
export function requestPath(path: string, options: { readonly mergeSlashes: boolean }): string | undefined {
  const raw = foreignText(path);
  if (!raw.startsWith('/') || /[\x00-\x20\x7f]/.test(raw)) return undefined;
  const decoded = decode(/^[^?#]*/.exec(raw)?.[0] ?? raw);
  if (decoded === undefined) return undefined;
  const segments: string[] = [];
  let end = '';
  const parts = decoded.slice(1).split('/');
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    end = '';
    if (part === '..') {
      if (segments.pop() === undefined) return undefined;
    } else if (part !== '.' && (part !== '' || last || !options.mergeSlashes)) {
      if (last) end = part;
      else segments.push(part);
    }
  }
  return `/${segments.map((segment) => `${segment}/`).join('')}${end}`;
}

/** `%XX` resolved once. `%23` and `%3F` are ordinary characters afterwards. */
function decode(raw: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})|%00/.test(raw)) return undefined;
  return raw.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
