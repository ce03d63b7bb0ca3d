import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../lab/machine.js';

/** A value as it is, and as it looks in JSON, in an address, in base64. */
const formsOf = (value: string): ReadonlySet<string> =>
  new Set([
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
  ]);

/** Where secrets of these values stand in a text: one line each, without the value. */
export const leaksIn = (text: string, secrets: readonly string[]): readonly string[] =>
  secrets.flatMap((value, index) =>
    [...formsOf(value)].flatMap((form) => {
      const at = text.indexOf(form);
      if (at === -1) return [];
      const before = text.slice(Math.max(0, at - 120), at);
      return [`secret ${index} of ${secrets.length}, after: ${before}`];
    }),
  );

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
${secrets.flatMap((value) => [...formsOf(value)]).join('\n')}
END_OF_LIST
grep --recursive --fixed-strings --files-with-matches --file=/run/secrets.list ${folders.join(' ')}
journalctl --no-pager --quiet | grep --fixed-strings --file=/run/secrets.list | sed 's/^/log: /'
rm /run/secrets.list`;
  const { stdout, stderr } = await machine.exec(script);
  if (stderr !== '') throw new Error(`not all was searched: ${stderr}`);
  return stdout.split('\n').filter((line) => line !== '');
}
