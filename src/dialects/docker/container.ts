import { z } from 'zod';
import { sha256 } from '../../lib/digest.js';
import { canonical } from '../../lib/json.js';
import type { Reply } from '../../shell/batch.js';
import { type Sh, sh } from '../../shell/sh.js';
import { inspected } from './inspect.js';
import { digestLabel, runLabel } from './name.js';

/** A port of the container on an address of the host. Docker's own default, every address, has to be written out. */
export type PublishedPort = {
  readonly address: string;
  readonly hostPort: number;
  readonly containerPort: number;
};

/** A named volume at a path of the container. */
export type VolumeMount = { readonly volume: string; readonly path: string };

/** Everything a container is made with, in one form only: what Docker would default is written out. */
export type ContainerSpec = {
  readonly image: string;
  /** Digest of the inputs of an image that we build; null for others. */
  readonly imageInputs: string | null;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly PublishedPort[];
  readonly volumes: readonly VolumeMount[];
  /** null: no limit. */
  readonly memoryBytes: number | null;
  /** `no`, `always`, `unless-stopped` or `on-failure`. */
  readonly restart: string;
};

/** A container as it was found. */
export interface FoundContainer {
  readonly name: string;
  /** The reference that it was made from. */
  readonly image: string;
  readonly created: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly status: string;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** How often Docker has started it again since a person or we started it. */
  readonly restarts: number;
  readonly composeProject: string | null;
  /** What it was made with, its limit and restart policy as they are now; null when it is not ours. */
  readonly spec: ContainerSpec | null;
}

const specSchema = z.strictObject({
  image: z.string(),
  imageInputs: z.string().nullable(),
  command: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  ports: z.array(z.strictObject({ address: z.string(), hostPort: z.int(), containerPort: z.int() })),
  volumes: z.array(z.strictObject({ volume: z.string(), path: z.string() })),
  memoryBytes: z.int().nullable(),
  restart: z.string(),
}) satisfies z.ZodType<ContainerSpec>;

const containerSchema = z.object({
  Name: z.string(),
  Created: z.string().max(64),
  RestartCount: z.int(),
  State: z.object({ Status: z.string().max(32), ExitCode: z.int(), OOMKilled: z.boolean() }),
  Config: z.object({ Image: z.string().max(512), Labels: z.record(z.string(), z.string()).nullable() }),
  HostConfig: z.object({ Memory: z.int(), RestartPolicy: z.object({ Name: z.string().max(32) }) }),
});

type Inspected = z.infer<typeof containerSchema>;

const specLabel = 'orchestrate.spec';

/** Reads a container. */
export const inspectContainer = (name: string): Sh => sh`docker container inspect ${name}`;

/** What {@link inspectContainer} of this name printed; null when there is none. */
export function foundContainer(reply: Reply, name: string): FoundContainer | null {
  const found = inspected(reply, containerSchema);
  // Docker also takes the beginning of an id for a name.
  if (found === null || found.Name !== `/${name}`) return null;
  return {
    name,
    image: found.Config.Image,
    created: found.Created,
    status: found.State.Status,
    exitCode: found.State.ExitCode,
    outOfMemory: found.State.OOMKilled,
    restarts: found.RestartCount,
    composeProject: found.Config.Labels?.['com.docker.compose.project'] ?? null,
    spec: specOf(found),
  };
}

/**
 * The spec that the labels hold. A container made from an image of ours that somebody committed inherits labels:
 * the reference it was made from tells it from ours.
 */
function specOf({ Config, HostConfig }: Inspected): ContainerSpec | null {
  const text = Config.Labels?.[specLabel];
  const spec = text === undefined ? null : parsedSpec(text);
  if (spec === null || digestOf(spec) !== Config.Labels?.[digestLabel] || spec.image !== Config.Image)
    return null;
  return {
    ...spec,
    memoryBytes: HostConfig.Memory === 0 ? null : HostConfig.Memory,
    restart: HostConfig.RestartPolicy.Name || 'no',
  };
}

function parsedSpec(text: string): ContainerSpec | null {
  try {
    return specSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

const digestOf = (spec: ContainerSpec): string => sha256(canonical(spec));

/** Whether two specs need the same container. The restart policy can be changed on a container that exists. */
export const sameContainer = (a: ContainerSpec, b: ContainerSpec): boolean =>
  canonical({ ...a, restart: '' }) === canonical({ ...b, restart: '' });

/** The fields of a spec for a person to compare, each as one text. Environment variables are fields of their own. */
export function shownSpec(spec: ContainerSpec): readonly (readonly [string, string])[] {
  const { env, ports, volumes, command, memoryBytes } = spec;
  return [
    ['image', spec.image],
    ['image inputs', spec.imageInputs?.slice(0, 12) ?? ''],
    ['command', command.join(' ')],
    ...Object.entries(env).map(([key, value]) => [`env ${key}`, value] as const),
    ['ports', ports.map((port) => `${port.address}:${port.hostPort}→${port.containerPort}`).join(', ')],
    ['volumes', volumes.map(({ volume, path }) => `${volume}→${path}`).join(', ')],
    ['memory', memoryBytes === null ? 'no limit' : `${Math.round(memoryBytes / 1024 ** 2)} MiB`],
    ['restart', spec.restart],
  ];
}

/** Makes a container, not started. Its labels say what it was made with and by which run. */
export function createContainer(name: string, spec: ContainerSpec, run: string): Sh {
  const labels = {
    [specLabel]: canonical(spec),
    [digestLabel]: digestOf(spec),
    [runLabel]: run,
  };
  const options = [
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...Object.entries(spec.env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...spec.ports.flatMap((port) => ['--publish', `${port.address}:${port.hostPort}:${port.containerPort}`]),
    ...spec.volumes.flatMap((mount) => ['--volume', `${mount.volume}:${mount.path}`]),
    ...(spec.memoryBytes === null ? [] : ['--memory', String(spec.memoryBytes)]),
    ...['--restart', spec.restart],
  ];
  return sh`docker container create --name ${name} ${options} ${[spec.image, ...spec.command]} >/dev/null`;
}

/** Starts a container; one that runs already is left alone. */
export const startContainer = (name: string): Sh => sh`docker container start ${name} >/dev/null`;

/** Lets a paused container run again. */
export const unpauseContainer = (name: string): Sh => sh`docker container unpause ${name} >/dev/null`;

/** Stops a container: it has half a minute to put its data in order. */
export const stopContainer = (name: string): Sh => sh`docker container stop -t 30 ${name} >/dev/null`;

/** Sets the restart policy. */
export const setRestart = (name: string, policy: string): Sh =>
  sh`docker container update --restart ${policy} ${name} >/dev/null`;

/** Gives a container another name. */
export const renameContainer = (name: string, to: string): Sh => sh`docker container rename ${name} ${to}`;

/** Removes a container with its unnamed volumes; named ones stay. */
export const removeContainer = (name: string): Sh =>
  sh`docker container rm --force --volumes ${name} >/dev/null`;

/** The last lines that the container printed, both streams. */
export const lastLog = (name: string): Sh => sh`docker container logs --tail 20 ${name} 2>&1`;
