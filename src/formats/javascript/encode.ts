import { parseExpressionAt, type Expression } from 'acorn';
import { propertyKey } from './node.js';

/** A value that can be written into a script. */
export type JavaScriptScalar = string | number | boolean;
export type JavaScriptValue = JavaScriptScalar | { readonly [key: string]: JavaScriptScalar };

export type Quote = "'" | '"';

/**
 * Writes a value as a JavaScript expression in plain ASCII, on one line.
 *
 * jitsi-meet's index.html takes config.js into a `<script>` element through nginx, so the text must mean nothing to HTML
 * or to server-side includes either: `<` is always escaped, hence no `</script>`, no `<!--` and no `<!--#`.
 *
 * @throws {RangeError} For a number that is not finite.
 */
export function encodeValue(value: JavaScriptValue, quote: Quote = "'"): string {
  const encoded = typeof value === 'object' ? encodeObject(value, quote) : encodeScalar(value, quote);
  const readBack = decodeLiteral(parseExpressionAt(encoded, 0, { ecmaVersion: 'latest' }));
  if (!sameValue(readBack, value))
    throw new Error(`the value written as ${encoded} does not read back equal`);
  return encoded;
}

/** Whether two values are the same to a script that reads them. The order of keys means nothing. */
export function sameValue(one: JavaScriptValue | undefined, other: JavaScriptValue | undefined): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return Object.is(one, other);
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && Object.is(one[key], other[key]))
  );
}

/** A property name as an object literal takes it; with a quote, quoted even where it need not be. */
export function encodeKey(key: string, quote?: Quote): string {
  // In a literal both `__proto__: x` and `'__proto__': x` set the prototype; only a computed name makes a property.
  if (key === '__proto__') return "['__proto__']";
  return isPlainName(key) && quote === undefined ? key : encodeString(key, quote ?? "'");
}

/** The access to a property: `.name` or `['odd name']`. */
export const encodeAccess = (key: string): string =>
  isPlainName(key) ? `.${key}` : `[${encodeString(key, "'")}]`;

const isPlainName = (key: string): boolean => /^[A-Za-z_$][\w$]*$/.test(key);

function encodeObject(value: Readonly<Record<string, JavaScriptScalar>>, quote: Quote): string {
  const properties = Object.entries(value).map(
    ([key, entry]) => `${encodeKey(key)}: ${encodeScalar(entry, quote)}`,
  );
  return properties.length === 0 ? '{}' : `{ ${properties.join(', ')} }`;
}

function encodeScalar(value: JavaScriptScalar, quote: Quote): string {
  if (typeof value === 'string') return encodeString(value, quote);
  if (typeof value === 'boolean') return String(value);
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be written into a config file`);
  return Object.is(value, -0) ? '-0' : String(value);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
};

function encodeString(value: string, quote: Quote): string {
  const escaped = value.replaceAll(/[^\x20-\x7e]|[\\'"<]/g, (character) => {
    if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
    const code = character.charCodeAt(0);
    const numeric = code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
    return SHORT_ESCAPES[character] ?? numeric;
  });
  return quote + escaped + quote;
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, '0');

/** Reads an expression that is nothing but a literal; `undefined` for any other. */
function decodeLiteral(expression: Expression): JavaScriptValue | undefined {
  if (expression.type !== 'ObjectExpression') return decodeScalar(expression);
  const entries: [string, JavaScriptScalar][] = [];
  for (const property of expression.properties) {
    if (property.type !== 'Property') return undefined;
    const key = propertyKey(property);
    const value = decodeScalar(property.value);
    if (key === undefined || value === undefined) return undefined;
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function decodeScalar(expression: Expression): JavaScriptScalar | undefined {
  if (expression.type === 'UnaryExpression' && expression.operator === '-') {
    const positive = decodeScalar(expression.argument);
    return typeof positive === 'number' ? -positive : undefined;
  }
  if (expression.type !== 'Literal') return undefined;
  const { value } = expression;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}
