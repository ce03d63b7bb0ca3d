import { need } from './command.js';
import { labLabel } from './docker.js';
import { keptOwner, ownerLabel } from './machine-container.js';
import { isStillRunning } from './process.js';

/** What clean-up removed, by the engine's names. */
export interface Cleaned {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
}

/** `leftovers`: what belongs to a process that has ended. `kept`: what was made to outlast its process. */
export type CleaningScope = 'leftovers' | 'kept';

/** Removes the lab's containers and their volumes, by label only. Images, caches and the engine stay. */
export async function clean(scope: CleaningScope): Promise<Cleaned> {
  const containers = await doomed(['ps', '--all'], '{{.ID}}', scope);
  if (containers.length > 0) await need(['docker', 'rm', '--force', '--volumes', ...containers]);
  const volumes = await doomed(['volume', 'ls'], '{{.Name}}', scope);
  if (volumes.length > 0) await need(['docker', 'volume', 'rm', '--force', ...volumes]);
  return { containers, volumes };
}

async function doomed(
  list: readonly string[],
  name: string,
  scope: CleaningScope,
): Promise<readonly string[]> {
  const format = `${name}\t{{.Label "${ownerLabel}"}}`;
  const rows = await need(['docker', ...list, '--filter', `label=${labLabel}`, '--format', format]);
  const names: string[] = [];
  for (const row of rows.split('\n').filter((line) => line !== '')) {
    const [id = '', owner = ''] = row.split('\t');
    // A volume that serves many machines, such as one with an image loaded, has no owner.
    if (owner === '') continue;
    const kept = owner === keptOwner;
    if (scope === 'kept' ? kept : !kept && !(await isStillRunning(owner))) names.push(id);
  }
  return names;
}
