import { execFileSync, spawnSync } from 'node:child_process';

/** The label of everything that these tests make on the engine, and the beginning of every name. */
export const mark = 'orchestrate-kinds-test';

/** The tools that are in the tiny image, with the shell. */
const tools = ['sh', 'sleep', 'cat', 'ls', 'mkdir', 'stat', 'head', 'tr', 'cp'];

/** Asks Docker, and returns what it printed. Throws with its words when it fails. */
export function docker(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`docker ${words.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Skips a suite, saying why, where no engine answers. */
export function needsDocker(this: Mocha.Context): void {
  if (spawnSync('docker', ['version']).status === 0) return;
  console.log('      SKIPPED: no Docker engine answers here');
  this.skip();
}

/** Imports an image of a few megabytes, made of this machine's own shell and tools: no registry is asked. */
export function importTinyImage(tag: string): void {
  const files = new Set(
    tools.flatMap((tool) => {
      const path = `/bin/${tool}`;
      const libraries = execFileSync('ldd', [path], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
      return [path, ...libraries];
    }),
  );
  const archive = execFileSync('tar', ['-chf', '-', ...files], {
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
  const imported = spawnSync('docker', ['import', '-', tag], { input: archive });
  if (imported.status !== 0) throw new Error(imported.stderr.toString());
}

/** Removes every container, volume and image whose name begins with the mark and `scope`. */
export function sweep(scope: string): void {
  const prefix = `${mark}-${scope}`;
  const names = (listing: string): readonly string[] =>
    listing.split('\n').filter((name) => name.startsWith(prefix));
  const containers = names(docker('ps', '-a', '--format', '{{.Names}}'));
  if (containers.length > 0) docker('rm', '-f', '-v', ...containers);
  const volumes = names(docker('volume', 'ls', '--format', '{{.Name}}'));
  if (volumes.length > 0) docker('volume', 'rm', ...volumes);
  const images = names(docker('images', '--format', '{{.Repository}}:{{.Tag}}'));
  if (images.length > 0) docker('rmi', ...images);
}
