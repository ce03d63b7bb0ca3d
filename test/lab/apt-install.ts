import { readFile } from 'node:fs/promises';
import { run } from './command.js';
import { LabError } from './lab-error.js';
import { announced, type Say } from './progress.js';

/** Packages that must be had, and those that only some releases have apart from the others. */
export interface WantedPackages {
  readonly needed: readonly string[];
  readonly ifThere?: readonly string[];
}

/** Whether the lab installs on this machine what it lacks: as root on Debian or Ubuntu. */
export async function mayInstall(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return process.getuid?.() === 0 && /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(release);
}

/**
 * Installs packages on this machine; needs root on Debian or Ubuntu. Throws {@link LabError}. A source that cannot be
 * read is no error as long as the packages are found.
 */
export async function installOnMachine({ needed, ifThere = [] }: WantedPackages, say: Say): Promise<void> {
  await announced(say, `installing ${[...needed, ...ifThere].join(', ')}`, async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const update = await run(['apt-get', 'update'], { env });
    const there = await Promise.all(ifThere.map(async (name) => ((await isInArchives(name)) ? [name] : [])));
    const names = [...needed, ...there.flat()];
    const install = await run(['apt-get', 'install', '-y', '--no-install-recommends', ...names], { env });
    if (install.code === 0) return;
    const evidence = `${update.stderr}${install.stderr}`.trim().split('\n').slice(-8).join('\n  ');
    throw new LabError(
      `${names.join(', ')} could not be installed:\n  ${evidence}`,
      `mend the machine's package sources, or install by hand: apt-get install ${names.join(' ')}`,
    );
  });
}

async function isInArchives(packageName: string): Promise<boolean> {
  const policy = await run(['apt-cache', 'policy', packageName], { env: { LC_ALL: 'C' } });
  return /Candidate: (?!\(none\))/.test(policy.stdout);
}
