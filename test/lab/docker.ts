import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { need, run } from './command.js';

/** Every image, container and volume of the lab carries this label; see clean.ts. */
export const labLabel = 'orchestrate.lab';

/** One file of a build context. */
export interface ContextFile {
  readonly path: string;
  readonly content: string;
  /** Permission bits; 0644 when left out. */
  readonly mode?: number;
}

/** Whether the engine has an image of that name. */
export async function hasImage(name: string): Promise<boolean> {
  return (await run(['docker', 'image', 'inspect', '--format', '{{.Id}}', name])).code === 0;
}

/** Tries to pull an image; false when no registry can be reached or none has it. */
export async function pull(name: string): Promise<boolean> {
  return (await run(['docker', 'pull', '--quiet', name])).code === 0;
}

/** Builds an image with the legacy builder, which every engine has. `files` holds the Dockerfile. */
export async function build(tag: string, files: readonly ContextFile[]): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'orchestrate-lab-'));
  try {
    for (const file of files) {
      const path = join(context, file.path);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, file.content, { mode: file.mode ?? 0o644 });
    }
    await buildFolder(tag, context);
  } finally {
    await rm(context, { recursive: true });
  }
}

/** Builds an image from a folder that holds a Dockerfile. */
export async function buildFolder(tag: string, folder: string): Promise<void> {
  const proxies = ['http_proxy', 'https_proxy', 'no_proxy'].filter(
    (name) => (process.env[name] ?? '') !== '',
  );
  const proxyArgs = proxies.flatMap((name) => ['--build-arg', name]);
  await need(['docker', 'build', '--force-rm', '--label', labLabel, ...proxyArgs, '--tag', tag, folder], {
    env: { DOCKER_BUILDKIT: '0' },
  });
}
