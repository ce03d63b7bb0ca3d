import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installOnMachine } from './apt-install.js';
import { aptContext, release } from './apt-sources.js';
import { need, run } from './command.js';
import { hasImage, pull } from './docker.js';
import { LabError } from './lab-error.js';
import { alone } from './lock.js';
import { announced, type Say } from './progress.js';

/** The image that all others of the lab are built from. */
export const baseImage = `debian:${release}-slim`;

/** Sees to it that the base image is there: present, else pulled, else made with debootstrap (root on Debian or Ubuntu). */
export async function ensureBaseImage(say: Say): Promise<string> {
  if (await hasImage(baseImage)) return baseImage;
  return alone('base-image', say, async () => {
    if (await hasImage(baseImage)) return baseImage;
    if (await announced(say, `pulling ${baseImage}`, () => pull(baseImage))) return baseImage;
    say(`${baseImage} cannot be pulled; making it from Debian's packages instead`);
    await announced(say, `making ${baseImage} with debootstrap`, () => bootstrap(say));
    return baseImage;
  });
}

async function bootstrap(say: Say): Promise<void> {
  if ((await run(['debootstrap', '--version'])).code === 127) await installDebootstrap(say);
  const root = await mkdtemp(join(tmpdir(), 'orchestrate-lab-root-'));
  try {
    const mirror = await machineMirror();
    await need(['debootstrap', '--variant=minbase', '--include=ca-certificates', release, root, mirror]);
    await run(['sh', '-c', 'rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*', 'sh', root]);
    const importing = 'tar -C "$1" -c . | docker import --change "CMD [\\"bash\\"]" - "$2"';
    await need(['sh', '-c', importing, 'sh', root, baseImage]);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function installDebootstrap(say: Say): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new LabError(
      `${baseImage} is not here and no registry can be reached, and making it needs root.`,
      `pull ${baseImage} where a registry can be reached (docker save and docker load carry it here), or run this as root on Debian or Ubuntu.`,
    );
  }
  await installOnMachine({ needed: ['debootstrap'] }, say);
}

/** The first mirror of the machine's own sources when it runs the same release, else Debian's. */
async function machineMirror(): Promise<string> {
  const sources = (await aptContext()).map(({ content }) => content.toString()).join('\n');
  const listed = /^URIs:\s*(\S+)/m.exec(sources) ?? /^deb\s+(?:\[[^\]]*\]\s*)?(\S+)/m.exec(sources);
  return listed?.[1] ?? 'http://deb.debian.org/debian';
}
