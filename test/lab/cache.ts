import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The lab's folder for downloads and logs, outside the repository: `$XDG_CACHE_HOME/orchestrate` or `~/.cache/orchestrate`. */
export async function cacheFolder(): Promise<string> {
  const home = process.env['XDG_CACHE_HOME'] ?? '';
  const folder = join(home === '' ? join(homedir(), '.cache') : home, 'orchestrate');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Twelve hex digits that change when any of the parts changes: the content address of an image or archive. */
export function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 12);
}
