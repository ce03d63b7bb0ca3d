import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file that was read, or why it was not. */
export type TrustedFile =
  | { readonly is: 'read'; readonly bytes: Uint8Array }
  | { readonly is: 'absent' }
  | { readonly is: 'refused'; readonly message: string; readonly help: string };

/** How much trust a file needs. */
export interface Trust {
  /** Nobody but us and root may read it or own it. */
  readonly isPrivate: boolean;
  readonly maxBytes: number;
}

/**
 * Reads a file that decides what we do. What strangers could have written is refused: a file or folder that anyone
 * may write to, and for a private file also one that others may read or that belongs to somebody else.
 */
export async function readTrusted(path: string, trust: Trust): Promise<TrustedFile> {
  let file: FileHandle | undefined;
  try {
    // Checked and read through one handle: it cannot be exchanged in between.
    file = await open(path, 'r');
    const { mode, uid, size, isFile } = await described(file);
    if (!isFile) return refused('is not a file', 'name a file');
    if (size > trust.maxBytes)
      return refused(`is bigger than ${trust.maxBytes} bytes`, 'name the right file');
    const distrust = whyNot(path, { mode, uid, trust }) ?? (await whyNotFolder(dirname(path)));
    if (distrust !== null) return distrust;
    return { is: 'read', bytes: await file.readFile() };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { is: 'absent' };
    if (code === 'EACCES' || code === 'EPERM') return refused('may not be read by you', `ls -l ${path}`);
    return refused(`cannot be read: ${message}`, `ls -l ${path}`);
  } finally {
    await file?.close();
  }
}

async function described(
  file: FileHandle,
): Promise<{ mode: number; uid: number; size: number; isFile: boolean }> {
  const found = await file.stat();
  return { mode: found.mode, uid: found.uid, size: found.size, isFile: found.isFile() };
}

const refused = (message: string, help: string): TrustedFile & { is: 'refused' } => ({
  is: 'refused',
  message,
  help,
});

function whyNot(
  path: string,
  { mode, uid, trust }: { mode: number; uid: number; trust: Trust },
): (TrustedFile & { is: 'refused' }) | null {
  if (trust.isPrivate && !ourIds().has(uid)) {
    return refused(
      `belongs to user id ${uid}, who is neither you nor root`,
      `chown ${process.getuid?.() ?? 0} ${path}`,
    );
  }
  if (trust.isPrivate && (mode & 0o077) !== 0) {
    return refused(
      `is open to others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`,
      `chmod 600 ${path}`,
    );
  }
  return (mode & 0o002) === 0 ? null : refused('may be written by anyone', `chmod o-w ${path}`);
}

async function whyNotFolder(folder: string): Promise<(TrustedFile & { is: 'refused' }) | null> {
  const { mode } = await stat(folder);
  const anyoneMayExchangeIt = (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
  return anyoneMayExchangeIt
    ? refused('lies in a folder that anyone may write to', `chmod o-w ${folder}`)
    : null;
}

/** The people whose files we trust: ourselves, root, and who called us through sudo. */
function ourIds(): ReadonlySet<number> {
  const self = process.getuid?.() ?? 0;
  const caller = self === 0 ? Number(process.env['SUDO_UID'] ?? 0) : self;
  return new Set([self, 0, caller]);
}
