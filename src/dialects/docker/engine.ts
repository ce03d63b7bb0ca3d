import { printableLine } from '../../lib/printable.js';
import type { Reply } from '../../shell/batch.js';
import { type Sh, sh } from '../../shell/sh.js';
import { digestLabel } from './name.js';

/** Asks the engine for its version: an answer means that it is there and lets us in. */
export const askEngine: Sh = sh`docker version --format '{{.Server.Version}}'`;

/** The engine's version; null when it did not answer. */
export function engineVersion(reply: Reply): string | null {
  const version = Buffer.from(reply.stdout).toString('utf8').trim();
  return reply.code === 0 && /^\d/.test(version) ? printableLine(version, 40) : null;
}

/** Asks where the engine keeps images. */
export const askDataRoot: Sh = sh`docker info --format '{{.DockerRootDir}}'`;

/** The folder that {@link askDataRoot} named; Docker's default when it named none. */
export function dataRoot(reply: Reply): string {
  const path = Buffer.from(reply.stdout).toString('utf8').trim();
  return reply.code === 0 && /^\/[^\0\n]*$/.test(path) ? path : '/var/lib/docker';
}

/** A container that runs and has a port of the host. */
export interface Publisher {
  readonly name: string;
  readonly ours: boolean;
}

/** Asks which containers that run have published a port of the host. */
export const askPublishers = (port: number): Sh =>
  sh`docker container ls --filter ${`publish=${port}/tcp`} --format ${`{{.Names}} {{.Label "${digestLabel}"}}`}`;

/** What {@link askPublishers} printed. None when there is no engine. */
export const publishers = (reply: Reply): readonly Publisher[] =>
  Buffer.from(reply.stdout)
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [name = '', digest = ''] = line.split(' ');
      return name === '' ? [] : [{ name: printableLine(name, 128), ours: /^[0-9a-f]{64}$/.test(digest) }];
    });

/** Asks what the processes of a container of ours hold in memory. Prints nothing when it does not run. */
export const askHeldMemory = (name: string): Sh =>
  sh`[ -n "$(docker container inspect --format ${`{{index .Config.Labels "${digestLabel}"}}`} ${name} 2>/dev/null)" ] && docker container top ${name} -o pid,rss`;

/** Bytes, from the resident size of each process. */
export const heldMemory = (reply: Reply): number =>
  reply.code !== 0
    ? 0
    : [
        ...Buffer.from(reply.stdout)
          .toString('utf8')
          .matchAll(/^\d+\s+(\d{1,12})$/gm),
      ].reduce((sum, [, kibibytes]) => sum + Number(kibibytes) * 1024, 0);
