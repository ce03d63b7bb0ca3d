import { z } from 'zod';
import { lastLines } from '../lib/printable.js';
import { all, ask, map, type Probe } from '../probe/probe.js';
import { sh } from '../shell/sh.js';
import type { ContainerFacts } from './facts.js';

/** The container of this name, else one made from an image of Keycloak. */
const find = sh`name=$(docker ps -a --format '{{.Names}} {{.Image}}' 2>/dev/null | awk '$1 == "keycloak" { own = $1 } $2 ~ /keycloak/ { other = $1 } END { print own != "" ? own : other }')
[ -n "$name" ] || exit 1`;

const inspected = z.array(
  z.object({
    Name: z.string(),
    State: z.object({ Status: z.string(), ExitCode: z.int(), OOMKilled: z.boolean() }),
    Config: z.object({
      Image: z.string(),
      Env: z.array(z.string()).nullable(),
      Cmd: z.array(z.string()).nullable(),
    }),
    HostConfig: z.object({
      PortBindings: z
        .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable())
        .nullable(),
    }),
  }),
);

/** Reads the container that Keycloak runs in; null when there is none, or Docker does not answer. */
export const readContainer: Probe<ContainerFacts | null> = map(
  all({
    said: ask(
      sh`${find}
docker container inspect "$name"`,
      ({ stdout }) => parsed(Buffer.from(stdout).toString('utf8')),
    ),
    log: ask(
      sh`${find}
docker container logs --tail 60 "$name" 2>&1`,
      ({ stdout }) => lastLines(stdout, 60),
    ),
  }),
  ({ said, log }) => (said === null ? null : { ...said, log }),
);

function parsed(text: string): Omit<ContainerFacts, 'log'> | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const [found] = inspected.safeParse(json).data ?? [];
  if (found === undefined) return null;
  const { Name, State, Config, HostConfig } = found;
  return {
    name: Name.replace(/^\//, ''),
    image: Config.Image,
    status: State.Status,
    exitCode: State.ExitCode,
    outOfMemory: State.OOMKilled,
    options: { ...fromEnvironment(Config.Env ?? []), ...fromCommand(Config.Cmd ?? []) },
    published: Object.values(HostConfig.PortBindings ?? {}).flatMap((bindings) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp === '' ? '0.0.0.0' : HostIp}:${HostPort}`),
    ),
  };
}

/** The options that bear on signing in. No other is kept: some hold passwords. */
const kept = new Set([
  'hostname',
  'hostname-strict',
  'http-enabled',
  'http-relative-path',
  'optimized',
  'proxy-headers',
]);

const fromEnvironment = (env: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    env.flatMap((line) => {
      const found = /^KC_([A-Z_]+)=(.*)$/.exec(line);
      const name = found?.[1]?.toLowerCase().replaceAll('_', '-') ?? '';
      return kept.has(name) ? [[name, found?.[2] ?? '']] : [];
    }),
  );

const fromCommand = (command: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    command.flatMap((word) => {
      const found = /^--([a-z-]+)(?:=(.*))?$/.exec(word);
      return found !== null && kept.has(found[1] ?? '') ? [[found[1] ?? '', found[2] ?? 'true']] : [];
    }),
  );
