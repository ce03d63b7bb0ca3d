import { readFileSync } from 'node:fs';

/** The version in our package.json, which lies two folders up in the sources and three in `dist`. */
export function version(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const found = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as Record<string, unknown>;
      if (found['name'] === 'orchestrate') return String(found['version']);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('the package.json of orchestrate is not where it should be');
}
