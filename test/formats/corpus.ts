import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.env['ORCHESTRATE_CORPUS'] ?? join(import.meta.dirname, '../../../shared/corpus');

/** A folder of the corpus: one language. */
export type CorpusFormat = 'prosody' | 'nginx' | 'jitsi-config';

/** A real config file that nobody here wrote. */
export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The files of one language, in the order of their names; none when the corpus is not on this machine. */
export function corpusOf(format: CorpusFormat): readonly CorpusFile[] {
  const folder = join(root, format);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

/** Skips a test, and says so, without the corpus. */
export function needCorpus(context: Mocha.Context): void {
  if (existsSync(root)) return;
  console.warn('\n!!! SKIPPED, the corpus of real files is not here (ORCHESTRATE_CORPUS) !!!\n');
  context.skip();
}

/** One file of the corpus. Skips the test without it. */
export function corpusFile(context: Mocha.Context, format: CorpusFormat, name: string): Uint8Array {
  needCorpus(context);
  return readFileSync(join(root, format, name));
}

/** The file with a line more at its top and at its end, as if somebody had worked on it. */
export function changedElsewhere(bytes: Uint8Array, line: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const end = text.endsWith('\n') ? '' : newline;
  return Buffer.from(`${line}${newline}${text}${end}${line}${newline}`, 'latin1');
}
