import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../lab/machine.js';

/** Where secrets of these values stand in a text: one line each, without the value. */
export const leaksIn = (text: string, secrets: readonly string[]): readonly string[] =>
  secrets.flatMap((value, index) => {
    const at = text.indexOf(value);
    if (at === -1) return [];
    const before = text.slice(Math.max(0, at - 120), at);
    return [`secret ${index} of ${secrets.length}, after: ${before}`];
  });

/** The files of a folder of the controller that hold one of these values. */
export async function leaksUnder(folder: string, secrets: readonly string[]): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(
    files.map(async (file) =>
      leaksIn(await readFile(file, 'latin1'), secrets).map((leak) => `${file}: ${leak}`),
    ),
  );
  return found.flat();
}

/** The files of a machine below these folders, and its system log, that hold one of these values. */
export async function leaksOnMachine(
  machine: Machine,
  folders: readonly string[],
  secrets: readonly string[],
): Promise<readonly string[]> {
  const script = `cat >/run/secrets.list <<'END_OF_LIST'
${secrets.join('\n')}
END_OF_LIST
grep --recursive --fixed-strings --files-with-matches --file=/run/secrets.list ${folders.join(' ')}
journalctl --no-pager --quiet | grep --fixed-strings --file=/run/secrets.list | sed 's/^/log: /'
rm /run/secrets.list`;
  const { stdout, stderr } = await machine.exec(script);
  if (stderr !== '') throw new Error(`not all was searched: ${stderr}`);
  return stdout.split('\n').filter((line) => line !== '');
}
