import { need } from './command.js';
import { labLabel } from './docker.js';
import { keptLabel, keptOwner, ownerLabel } from './machine-container.js';
import { isStillRunning } from './process.js';

/** What clean-up removed, by the engine's names. */
export interface Cleaned {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
}

/** What belongs to a process that has ended, or what is kept for a folder. */
export type CleaningScope = 'leftovers' | { readonly keptFor: string };

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
  const format = `${name}\t{{.Label "${ownerLabel}"}}\t{{.Label "${keptLabel}"}}`;
  const rows = await need(['docker', ...list, '--filter', `label=${labLabel}`, '--format', format]);
  const names: string[] = [];
  for (const row of rows.split('\n').filter((line) => line !== '')) {
    const [id = '', owner = '', keptFor = ''] = row.split('\t');
    // A volume that serves many machines, such as one with an image loaded, has no owner.
    if (owner === '') continue;
    const wanted =
      scope === 'leftovers'
        ? owner !== keptOwner && !(await isStillRunning(owner))
        : owner === keptOwner && keptFor === scope.keptFor;
    if (wanted) names.push(id);
  }
  return names;
}
