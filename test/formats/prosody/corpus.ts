import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProsodyFile } from '../../../src/formats/prosody/model.js';
import { readProsody } from '../../../src/formats/prosody/read.js';
import { Refused } from '../../../src/formats/outcome.js';
import { textOf } from '../../../src/formats/source.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

const folder = [process.env['ORCHESTRATE_CORPUS'], join(repository, '../shared/corpus')]
  .flatMap((corpus) => (corpus ? [join(corpus, 'prosody')] : []))
  .find((path) => existsSync(path));

/** A Prosody file that nobody on this project wrote. */
export interface CorpusFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** All of them, in the order of their names; none when the corpus is not on this machine. */
export const corpus: readonly CorpusFile[] = folder
  ? readdirSync(folder)
      .sort()
      .map((name) => ({ name, path: join(folder, name), bytes: readFileSync(join(folder, name)) }))
  : [];

/** Skips the tests of a suite, and says so, without the corpus. */
export function needCorpus(context: Mocha.Context): void {
  if (corpus.length > 0) return;
  console.warn('\n!!! SKIPPED, the corpus of real files is not here (ORCHESTRATE_CORPUS) !!!\n');
  context.skip();
}

/** The file as Prosody reads it, or the refusal. */
export function readOrRefusal(bytes: Uint8Array): ProsodyFile | Refused {
  try {
    return readProsody(textOf(bytes));
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

/** The names of the virtual hosts that a file names outright, each once. */
export const hostsOf = (file: ProsodyFile): readonly string[] => [
  ...new Set(file.stretches.flatMap(({ section }) => (section.is === 'host' ? [section.name] : []))),
];
