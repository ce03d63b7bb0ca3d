import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A throw-away account of this machine. */
export interface Account extends AsyncDisposable {
  readonly name: string;
}

/** What is special about an account. */
export interface AccountOptions {
  readonly shell?: string;
  /** What its shell says by itself at every start. */
  readonly bashrc?: string;
  /** Lines of a file in /etc/sudoers.d; `USER` stands for the account. */
  readonly sudoers?: readonly string[];
}

/** Makes an account with an empty home folder. Needs root. */
export async function makeAccount(options: AccountOptions = {}): Promise<Account> {
  const name = `orch-${randomBytes(4).toString('hex')}`;
  const home = await mkdtemp(join(tmpdir(), 'orchestrate-home-'));
  // The password `*` matches nothing; useradd's own `!` would lock the account for keys too.
  await run('useradd', ['-M', '-d', home, '-s', options.shell ?? '/bin/sh', '-p', '*', name]);
  const { stdout } = await run('id', ['-u', name]);
  await chown(home, Number(stdout), Number(stdout));
  if (options.bashrc !== undefined) await writeFile(join(home, '.bashrc'), options.bashrc);
  const sudoers = `/etc/sudoers.d/${name}`;
  if (options.sudoers !== undefined) {
    await writeFile(sudoers, options.sudoers.map((line) => `${line.replaceAll('USER', name)}\n`).join(''));
    await chmod(sudoers, 0o440);
  }
  return {
    name,
    async [Symbol.asyncDispose]() {
      // What a test left running on purpose.
      const { stdout: left } = await run('ps', ['-u', name, '-o', 'pid=']).catch(() => ({ stdout: '' }));
      for (const pid of left.split('\n').filter((line) => line.trim() !== '')) killIfThere(Number(pid));
      await run('userdel', ['-f', name]);
      await Promise.all([rm(sudoers, { force: true }), rm(home, { recursive: true })]);
    },
  };
}

/** A process may end between the look and the kill. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
