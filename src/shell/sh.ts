import { isSecretRef, type SecretRef, type Vault } from './secret.js';

/** One thing that may stand in a `${}` of {@link sh}. Each becomes exactly one word of the shell. */
export type Word = string | number | Uint8Array | SecretRef;

type Piece = { readonly is: 'code'; readonly text: string } | { readonly is: 'word'; readonly word: Word };

/** A piece of POSIX shell: code that we wrote, and words that are always quoted. */
export interface Sh {
  readonly is: 'sh';
  readonly pieces: readonly Piece[];
}

const isSh = (value: unknown): value is Sh => (value as { is?: unknown }).is === 'sh';

/**
 * The only way to write a command. Text of the template is code; each `${}` is one quoted word, a list of words,
 * or another piece made by `sh`.
 *
 * @throws TypeError when a word holds a NUL character, which no shell can carry
 */
export function sh(code: TemplateStringsArray, ...values: readonly (Word | Sh | readonly Word[])[]): Sh {
  const pieces: Piece[] = [];
  code.raw.forEach((text, index) => {
    pieces.push({ is: 'code', text });
    const value = values[index];
    if (value === undefined) return;
    if (isSh(value)) pieces.push(...value.pieces);
    else if (Array.isArray(value)) pieces.push(...spaced(value as readonly Word[]));
    else pieces.push(wordPiece(value as Word));
  });
  return { is: 'sh', pieces };
}

/** Joins pieces of shell, each on a line of its own. */
export const lines = (...parts: readonly Sh[]): Sh => ({
  is: 'sh',
  pieces: parts.flatMap((part) => [...part.pieces, { is: 'code' as const, text: '\n' }]),
});

/** The script as bytes. Secrets get their values here, and only here. */
export function render(script: Sh, vault: Vault): Uint8Array {
  return Buffer.concat(
    script.pieces.map((piece) =>
      piece.is === 'code' ? Buffer.from(piece.text) : quote(reveal(piece.word, vault)),
    ),
  );
}

/** A text that is the same for equal scripts, and for no others. Secrets stand in it by name. */
export const identityOf = (script: Sh): string =>
  script.pieces
    .map((piece) => {
      if (piece.is === 'code') return piece.text;
      const { word } = piece;
      if (isSecretRef(word)) return `\0s${word.secret}\0`;
      return word instanceof Uint8Array
        ? `\0b${Buffer.from(word).toString('latin1')}\0`
        : `\0w${String(word)}\0`;
    })
    .join('');

/**
 * Quotes bytes as one word for any POSIX shell: always `'…'`, never a list of "safe" characters, which differ
 * from shell to shell.
 */
export function quote(bytes: Uint8Array): Buffer {
  // Latin-1 is one character a byte, so any bytes come through.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return Buffer.from(`'${text.replaceAll("'", "'\\''")}'`, 'latin1');
}

function spaced(words: readonly Word[]): Piece[] {
  return words.flatMap((word, index) =>
    index === 0 ? [wordPiece(word)] : [{ is: 'code' as const, text: ' ' }, wordPiece(word)],
  );
}

function wordPiece(word: Word): Piece {
  if (holdsNul(word)) throw new TypeError('a shell word cannot hold a NUL character');
  return { is: 'word', word };
}

const holdsNul = (word: Word): boolean =>
  word instanceof Uint8Array ? word.includes(0) : typeof word === 'string' && word.includes('\0');

const plain = (word: Exclude<Word, SecretRef>): Uint8Array =>
  word instanceof Uint8Array ? word : Buffer.from(String(word));

const reveal = (word: Word, vault: Vault): Uint8Array =>
  isSecretRef(word) ? Buffer.from(vault.reveal(word)) : plain(word);
