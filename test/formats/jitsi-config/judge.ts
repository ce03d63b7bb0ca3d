import { spawnSync } from 'node:child_process';

/** The script with every server-side include masked at equal length, for judges that are no web server. */
export const includesMasked = (source: Uint8Array): string =>
  Buffer.from(source)
    .toString('utf8')
    .replaceAll(/<!--#.*?-->/g, (found) => '_'.repeat(found.length));

/** What `node --check` has against a script; undefined when it is accepted. */
export function nodeComplaint(script: string): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, ['--check', '-'], {
    input: script,
    encoding: 'utf8',
  });
  return status === 0 ? undefined : stderr;
}
