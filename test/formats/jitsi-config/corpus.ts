import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.env['ORCHESTRATE_CORPUS'] ?? join(import.meta.dirname, '../../../../shared/corpus');
const folder = join(root, 'jitsi-config');

/** The real config.js files, when the corpus is on this machine. */
export const corpusFiles: readonly { readonly name: string; readonly bytes: Uint8Array }[] = existsSync(
  folder,
)
  ? readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
  : [];
