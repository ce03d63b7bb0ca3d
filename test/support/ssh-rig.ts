import { existsSync } from 'node:fs';
import { Failed, type FailureData } from '../../src/model/failure.js';
import type { Host, Login } from '../../src/model/host.js';
import type { Ended, Session } from '../../src/engine/ports.js';
import type { Finding } from '../../src/transport/finding.js';
import { openSshTransport, type TransportOptions } from '../../src/transport/transport.js';
import { plainVault } from './vault.js';

/** A `before` hook that skips a suite where there is no OpenSSH server to start, or we are not root. */
export function needsRealSshd(this: Mocha.Context): void {
  if (process.getuid?.() === 0 && existsSync('/usr/sbin/sshd')) return;
  console.log('      not run: needs root and /usr/sbin/sshd (apt-get install openssh-server sudo)');
  this.skip();
}

/** A host of the inventory called `meet-1`. */
export const hostAt = (login: Partial<Login> & { readonly port: number }, become = false): Host => ({
  name: 'meet-1',
  login: { address: '127.0.0.1', connectTimeoutMs: 10_000, ...login },
  become,
  groups: [],
  vars: {},
});

/** A transport whose client's home is `home`, and what it found. */
export function transportAt(home: string, options: Partial<TransportOptions> = {}) {
  const findings: Finding[] = [];
  const transport = openSshTransport({
    vault: plainVault(),
    acceptNewHostKeys: false,
    onFinding: (finding) => void findings.push(finding),
    ...options,
    env: { HOME: home, PATH: process.env['PATH'], ...options.env },
  });
  return { transport, findings };
}

/** The failure of something that must fail, with its words. */
export async function failureIn(work: Promise<unknown>): Promise<FailureData> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Failed) return error.failure;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Runs a script with a deadline that a test can live with. */
export const runScript = (session: Session, script: string): Promise<Ended> =>
  session.script(Buffer.from(script), { timeoutMs: 10_000 });

/** A command's end with its output as text. */
export function shownEnd(ended: Ended): object {
  if (ended.is === 'unknown') return ended;
  const { stdout, stderr, ...rest } = ended;
  return { ...rest, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() };
}
