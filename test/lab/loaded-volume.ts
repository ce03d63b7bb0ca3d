import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder, digestOf } from './cache.js';
import { need } from './command.js';
import { createVolume, hasVolume, labLabel, removeVolume } from './docker.js';
import { ensureKeycloakArchive } from './keycloak-image.js';
import { alone } from './lock.js';
import { announced, type Say } from './progress.js';

/**
 * Fills the volume of a host's /var/lib/docker with the data of an engine that has the Keycloak image already. The
 * archive is loaded once, by the host image's own engine, into a volume that is kept; every host gets a copy of that.
 */
export async function copyLoadedInto(volume: string, hostImage: string, say: Say): Promise<void> {
  const loaded = await ensureLoadedVolume(hostImage, say);
  // Overlay layers mark deleted files with device nodes and trusted attributes, which plain users cannot copy.
  await inHostImage(hostImage, [`${loaded}:/from:ro`, `${volume}:/to`], ['cp', '-a', '/from/.', '/to']);
}

/** Sees to the kept volume for the archive's content, and gives its name. Every host image has the same engine. */
export async function ensureLoadedVolume(hostImage: string, say: Say): Promise<string> {
  const archive = await ensureKeycloakArchive(say);
  const name = `orchestrate-lab-loaded-${digestOf([basename(archive)])}`;
  const marker = join(await cacheFolder(), `${name}.complete`);
  return alone('loaded-volume', say, async () => {
    if ((await exists(marker)) && (await hasVolume(name))) return name;
    await removeVolume(name);
    await createVolume(name, { [labLabel]: 'true' });
    await announced(say, `loading ${archive} into a host's engine, once`, () =>
      inHostImage(
        hostImage,
        [`${name}:/var/lib/docker`, '/sys/fs/cgroup:/sys/fs/cgroup'],
        ['sh', '-c', load],
        archive,
      ),
    );
    await writeFile(marker, '');
    return name;
  });
}

/** An engine that does nothing but store images, stopped cleanly before its volume is copied. */
const load = `set -eu
dockerd --bridge=none --iptables=false >/tmp/dockerd.log 2>&1 &
daemon=$!
until docker info >/dev/null 2>&1; do
  kill -0 $daemon 2>/dev/null || { tail /tmp/dockerd.log >&2; exit 1; }
  sleep 0.1
done
docker load
kill $daemon
wait $daemon || true`;

async function inHostImage(
  image: string,
  volumes: readonly string[],
  command: readonly [string, ...string[]],
  inputFile?: string,
): Promise<void> {
  const [program, ...args] = command;
  const rights = [
    '--cap-add=ALL',
    '--cap-drop=SYS_RESOURCE',
    '--security-opt=seccomp=unconfined',
    '--security-opt=apparmor=unconfined',
  ];
  const mounts = volumes.map((volume) => `--volume=${volume}`);
  const run = [
    'docker',
    'run',
    '--rm',
    '--interactive',
    `--label=${labLabel}`,
    ...rights,
    ...mounts,
  ] as const;
  const input = inputFile === undefined ? {} : { input: createReadStream(inputFile) };
  await need([...run, `--entrypoint=${program}`, image, ...args], input);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
