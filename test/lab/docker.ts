import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestOf } from './cache.js';
import { need, run } from './command.js';

/** Every container and volume of the lab carries this label; see clean.ts. */
export const labLabel = 'orchestrate.lab';

/** One file of a build context. */
export interface ContextFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Permission bits; 0644 when left out. */
  readonly mode?: number;
}

/** The content address of a build context: changes with any path, mode or byte. */
export function digestOfFiles(files: readonly ContextFile[]): string {
  return digestOf(files.flatMap(({ path, content, mode }) => [path, String(mode ?? 0o644), content]));
}

/** Whether the engine has an image of that name. */
export async function hasImage(name: string): Promise<boolean> {
  return (await run(['docker', 'image', 'inspect', '--format', '{{.Id}}', name])).code === 0;
}

/** Tries to pull an image; false when no registry can be reached or none has it. */
export async function pull(name: string): Promise<boolean> {
  return (await run(['docker', 'pull', '--quiet', name])).code === 0;
}

/** Builds an image from files in memory; one of them is the Dockerfile. */
export async function build(tag: string, files: readonly ContextFile[]): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'orchestrate-lab-'));
  try {
    await writeContext(context, files);
    await buildFolder(tag, context);
  } finally {
    await rm(context, { recursive: true });
  }
}

/** Writes files of a build context into its folder. */
export async function writeContext(folder: string, files: readonly ContextFile[]): Promise<void> {
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content, { mode: file.mode ?? 0o644 });
  }
}

/** Builds an image from a folder that holds a Dockerfile, with the legacy builder, which every engine has. */
export async function buildFolder(tag: string, folder: string): Promise<void> {
  const proxies = ['http_proxy', 'https_proxy', 'no_proxy'].filter(
    (name) => (process.env[name] ?? '') !== '',
  );
  const proxyArgs = proxies.flatMap((name) => ['--build-arg', name]);
  await need(['docker', 'build', '--force-rm', ...proxyArgs, '--tag', tag, folder], {
    env: { DOCKER_BUILDKIT: '0' },
  });
}

/** Whether the engine has a volume of that name. */
export async function hasVolume(name: string): Promise<boolean> {
  return (await run(['docker', 'volume', 'inspect', name])).code === 0;
}

/** Makes a volume with labels; the engine chooses the name of one that has none. */
export async function createVolume(
  name: string | undefined,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const labelArgs = Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`]);
  const created = await need([
    'docker',
    'volume',
    'create',
    ...labelArgs,
    ...(name === undefined ? [] : [name]),
  ]);
  return created.trim();
}

/** Removes a volume and what is in it; one that is not there is no error. */
export async function removeVolume(name: string): Promise<void> {
  await need(['docker', 'volume', 'rm', '--force', name]);
}
