import { readFile } from 'node:fs/promises';

/** A process of this machine that cannot be confused with a later one of the same number: `PID@START`. */
export async function identityOf(pid: number): Promise<string> {
  return `${pid}@${(await startOf(pid)) ?? 'unknown'}`;
}

/** Whether the process that {@link identityOf} named still runs. */
export async function isStillRunning(identity: string): Promise<boolean> {
  const [pid, start] = identity.split('@');
  if (start === 'unknown') return exists(Number(pid));
  return (await startOf(Number(pid))) === start;
}

/** The program name of a running process; undefined when there is none of that number. */
export async function programOf(pid: number): Promise<string | undefined> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => undefined);
  return name?.trim();
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; the name in field 2 may hold spaces (proc(5)). */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
