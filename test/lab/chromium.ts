import { installOnMachine, mayInstall } from './apt-install.js';
import { run } from './command.js';
import { LabError } from './lab-error.js';
import { alone } from './lock.js';
import type { Say } from './progress.js';

/** What Chromium is called where; Chrome does as well. */
const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * Finds a Chromium, or installs Debian's package (root on Debian or Ubuntu). Gives its path. The environment variable
 * CHROMIUM names another one. Throws {@link LabError} where there is none to be had.
 */
export async function ensureChromium(say: Say): Promise<string> {
  const named = process.env['CHROMIUM'] ?? '';
  if (named !== '') {
    if (await starts(named)) return named;
    throw new LabError(
      `CHROMIUM=${named} does not start`,
      'name a program that runs, or unset CHROMIUM to look for one.',
    );
  }
  return (await find()) ?? alone('chromium', say, async () => (await find()) ?? install(say));
}

/** Ubuntu has a program of that name that only says where the real one is. */
const starts = async (program: string): Promise<boolean> => (await run([program, '--version'])).code === 0;

async function find(): Promise<string | undefined> {
  for (const name of names) {
    const found = await run(['sh', '-c', 'command -v "$1"', 'sh', name]);
    if (found.code === 0 && (await starts(found.stdout.trim()))) return found.stdout.trim();
  }
  return undefined;
}

async function install(say: Say): Promise<string> {
  if (await mayInstall()) await installOnMachine({ needed: ['chromium'] }, say);
  const found = await find();
  if (found !== undefined) return found;
  throw new LabError(
    'No Chromium is here for the test with a real browser',
    'install Chromium or Chrome, or name one in the environment variable CHROMIUM; as root on Debian the lab installs it by itself.',
  );
}
