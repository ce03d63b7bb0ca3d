import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.js';
import type { ContextFile } from './docker.js';

/** The Debian release of every image of the lab. */
export const release = 'bookworm';

/**
 * Where `apt` inside our image builds finds packages: the machine's own sources and proxy when it runs the same Debian
 * release, else what the base image brings. They are read at build time, lie under /tmp/apt in the context, and count
 * through APT_CONFIG only, so that the finished image keeps the base image's sources.
 */
export async function aptContext(): Promise<readonly ContextFile[]> {
  const settings = await machineSettings();
  const sources = (await isSameRelease()) ? await machineSources() : [];
  const places = ['Dir::Etc::SourceList "/dev/null";', 'Dir::Etc::SourceParts "/tmp/apt/sources.list.d";'];
  const config = [...settings, ...(sources.length === 0 ? [] : places), ''].join('\n');
  return [{ path: 'apt/apt.conf', content: config }, ...sources];
}

/** A Dockerfile step that installs packages as {@link aptContext} says and leaves no package lists behind. */
export function aptInstall(packages: readonly string[]): string {
  return [
    'COPY apt /tmp/apt',
    'RUN export APT_CONFIG=/tmp/apt/apt.conf DEBIAN_FRONTEND=noninteractive \\',
    ' && apt-get update \\',
    ` && apt-get install -y --no-install-recommends ${packages.join(' ')} \\`,
    ' && apt-get clean && rm -rf /var/lib/apt/lists/* /tmp/apt',
  ].join('\n');
}

async function isSameRelease(): Promise<boolean> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID=debian$/m.test(text) && new RegExp(`^VERSION_CODENAME=${release}$`, 'm').test(text);
}

/** Proxies, time-outs, checks: all that stands under Acquire, from every file that apt reads. */
async function machineSettings(): Promise<readonly string[]> {
  const dump = await run(['apt-config', 'dump']);
  return dump.stdout.split('\n').filter((line) => /^Acquire::(https?::|Check-|Retries)/.test(line));
}

async function machineSources(): Promise<readonly ContextFile[]> {
  const parts = '/etc/apt/sources.list.d';
  const names = (await readdir(parts).catch(() => [])).filter((name) => /\.(list|sources)$/.test(name));
  const main = await readFile('/etc/apt/sources.list', 'utf8').catch(() => '');
  const files = await Promise.all(
    names.map(async (name) => ({
      path: `apt/sources.list.d/${name}`,
      content: await readFile(join(parts, name), 'utf8'),
    })),
  );
  const all =
    main.trim() === '' ? files : [...files, { path: 'apt/sources.list.d/machine.list', content: main }];
  // Third parties' archives (Docker's own, Node's) need keys that the base image does not have.
  return all.filter(({ content }) => !/signed-by\s*[=:]\s*(?!\S*debian-archive)/i.test(content));
}
