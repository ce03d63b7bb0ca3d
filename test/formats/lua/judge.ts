import { fileURLToPath } from 'node:url';
import { output } from './tool.js';

const script = fileURLToPath(new URL('judge.lua', import.meta.url));

const framed = (chunks: readonly string[]): Uint8Array =>
  Buffer.concat(chunks.flatMap((chunk) => [Buffer.from(`${chunk.length}\n`), Buffer.from(chunk, 'latin1')]));

const judged = (lua: string, question: 'syntax' | 'value', chunks: readonly string[]): string[] =>
  output(lua, [script, question], framed(chunks)).trimEnd().split('\n');

/** Whether a real Lua compiles each of these chunks (text of one character a byte). */
export const compiles = (lua: string, chunks: readonly string[]): boolean[] =>
  judged(lua, 'syntax', chunks).map((line) => line === 'ok');

/** What a real Lua makes of each of these expressions: strings as `s` and their bytes in hex. */
export const valuesIn = (lua: string, expressions: readonly string[]): string[] =>
  judged(
    lua,
    'value',
    expressions.map((expression) => `return ${expression}`),
  );
