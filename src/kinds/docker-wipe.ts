import { foundContainer, inspectContainer } from '../dialects/docker/container.js';
import { putFile, readFile, type FilePlace } from '../dialects/docker/secret-file.js';
import { Failed } from '../model/failure.js';
import type { ReactionKind } from '../model/kind.js';
import { look } from '../model/look.js';
import { ask } from '../probe/probe.js';

/** A file inside a container that has done its work, such as the first password of an admin. */
export interface DockerWipe extends FilePlace {
  readonly container: string;
}

/**
 * Overwrites the file with an empty one, and reads it back. Nothing is done when the container is gone or is not ours:
 * the file went with it.
 */
export const dockerWipe: ReactionKind<DockerWipe> = {
  shape: 'reaction',
  name: 'docker.wipe',

  async fire({ container, ...file }, remote) {
    const found = await look(
      ask(inspectContainer(container), (reply) => foundContainer(reply, container)),
      remote,
    );
    if (found === null || found.spec === null) return;
    await remote.must(putFile(container, { ...file, parts: [] }), {
      what: `${file.path} in the container ${container} could not be emptied`,
    });
    const left = await remote.must(readFile(container, file.path), {
      what: `${file.path} in the container ${container} could not be read back`,
    });
    if (left.stdout.length === 0) return;
    throw new Failed({
      reason: 'not-converged',
      what: `${file.path} in the container ${container} was emptied, and yet it holds ${left.stdout.length} bytes`,
      next: `empty it by hand: \`docker cp EMPTY_FILE ${container}:${file.path}\``,
    });
  },
};
