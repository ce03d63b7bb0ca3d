import { nameComplaint } from '../dialects/docker/name.js';
import { createVolume, foundVolume, inspectVolume, removeVolume } from '../dialects/docker/volume.js';
import { Failed } from '../model/failure.js';
import type { Remote, ResourceKind } from '../model/kind.js';
import { look } from '../model/look.js';
import { ask, map } from '../probe/probe.js';

/** A named volume. One that exists already is used as it is, whoever made it. */
export interface DockerVolume {
  readonly name: string;
}

type Id = { readonly name: string };
type State = { readonly driver: string };

const read = ({ name }: Id) => ask(inspectVolume(name), foundVolume);

/**
 * Makes sure that a volume exists. It is removed only by the failing run that made it, told by its label: a rollback
 * of a committed run leaves it with its data.
 */
export const dockerVolume: ResourceKind<DockerVolume, Id, State> = {
  shape: 'resource',
  name: 'docker.volume',
  version: 1,
  atomic: true,
  keepOnRollback: true,

  identify({ name }) {
    const complaint = nameComplaint(name);
    if (complaint === null) return { name };
    throw new Failed({ reason: 'configuration', what: complaint, next: 'give the volume another name' });
  },

  probe: (id) => map(read(id), (found) => ({ state: found === null ? null : { driver: found.driver } })),

  target: (_props, seen) => ({ state: seen.state ?? { driver: 'local' } }),

  describe: (seen, _wanted, { name }) =>
    seen.state === null
      ? [
          {
            is: 'note',
            text: `make the volume ${name}; a rollback of a finished run leaves it with its data`,
          },
        ]
      : [],

  async converge({ id, to, run }, remote) {
    if (to === null) return remove(id, run, remote);
    if ((await look(read(id), remote)) !== null) return;
    await remote.must(createVolume(id.name, run), { what: `the volume ${id.name} could not be made` });
  },
};

async function remove(id: Id, run: string, remote: Remote): Promise<void> {
  const found = await look(read(id), remote);
  if (found === null) return;
  if (found.run !== run) {
    throw new Failed({
      reason: 'changed-meanwhile',
      what: `the volume ${id.name} was not made by run ${run}: it stays`,
      evidence: [
        found.run === null ? 'it has no label of orchestrate' : `its label names the run ${found.run}`,
      ],
      next: `look at it with \`docker volume inspect ${id.name}\`; remove it yourself if nothing in it is needed`,
    });
  }
  await remote.must(removeVolume(id.name), {
    what: `the volume ${id.name} could not be removed`,
    next: `see which container has it: \`docker ps -a --filter volume=${id.name}\``,
  });
}
