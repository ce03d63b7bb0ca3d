import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type JournalRecord, journalLine } from '../model/journal.js';

/** The controller's folder beside an inventory: runs, their journals and logs. Only its owner may look in. */
export const stateFolder = (inventoryFile: string): string => join(dirname(inventoryFile), '.orchestrate');

/** The folder of one run. */
export const runFolder = (inventoryFile: string, run: string): string =>
  join(stateFolder(inventoryFile), 'runs', run);

/** The controller's journal of one run. Records are on disk before {@link append} resolves, in the order of the calls. */
export interface JournalFile extends AsyncDisposable {
  append(record: JournalRecord): Promise<void>;
}

/** Opens the journal of a run. The file and its folders are made at the first record: a run that changes nothing leaves none. */
export function journalFile(inventoryFile: string, run: string): JournalFile {
  const folder = runFolder(inventoryFile, run);
  let handle: Promise<FileHandle> | null = null;
  let last: Promise<void> = Promise.resolve();
  const openOnce = (): Promise<FileHandle> => (handle ??= openJournal(folder));
  const write = async (record: JournalRecord): Promise<void> => {
    const file = await openOnce();
    await file.appendFile(journalLine(record));
    await file.datasync();
  };
  return {
    append: (record) => {
      const next = last.then(() => write(record));
      last = next.catch(() => undefined);
      return next;
    },
    [Symbol.asyncDispose]: async () => {
      await last;
      await (await handle)?.close();
    },
  };
}

async function openJournal(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return open(join(folder, 'journal'), 'a', 0o600);
}
