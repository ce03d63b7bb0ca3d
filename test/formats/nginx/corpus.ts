import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root =
  process.env['ORCHESTRATE_CORPUS'] ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url));

/** A real config file that nobody here wrote. */
export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The nginx files of the corpus; none when its folder is not there. */
export function nginxCorpus(): readonly CorpusFile[] {
  const folder = `${root}/nginx`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(`${folder}/${name}`) }));
}

/** One file of the corpus, or a skipped test when the folder is not there. */
export function corpusFile(context: Mocha.Context, name: string): Uint8Array {
  const file = nginxCorpus().find((each) => each.name === name);
  if (file) return file.bytes;
  console.warn(`NOT RUN: the corpus is not at ${root}; set ORCHESTRATE_CORPUS`);
  return context.skip();
}
