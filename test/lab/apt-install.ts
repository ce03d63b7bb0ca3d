import { run } from './command.js';
import { LabError } from './lab-error.js';
import { announced, type Say } from './progress.js';

/**
 * Installs those of the named packages that the machine's archives have. Needs root on Debian or Ubuntu; throws
 * {@link LabError}. A source that cannot be read is no error as long as the packages are found.
 */
export async function installOnMachine(packages: readonly string[], say: Say): Promise<void> {
  await announced(say, `installing ${packages.join(', ')}`, async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const update = await run(['apt-get', 'update'], { env });
    const known = await Promise.all(packages.map(async (name) => ((await isInArchives(name)) ? [name] : [])));
    const install = await run(['apt-get', 'install', '-y', '--no-install-recommends', ...known.flat()], {
      env,
    });
    if (install.code === 0) return;
    const evidence = `${update.stderr}${install.stderr}`.trim().split('\n').slice(-8).join('\n  ');
    throw new LabError(
      `${packages.join(', ')} could not be installed:\n  ${evidence}`,
      `mend the machine's package sources, or install them by hand: apt-get install ${packages.join(' ')}`,
    );
  });
}

async function isInArchives(packageName: string): Promise<boolean> {
  const policy = await run(['apt-cache', 'policy', packageName], { env: { LC_ALL: 'C' } });
  return /Candidate: (?!\(none\))/.test(policy.stdout);
}
