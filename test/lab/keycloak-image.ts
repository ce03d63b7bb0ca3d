import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { aptContext, aptInstall } from './apt-sources.js';
import { ensureBaseImage } from './base-image.js';
import { cacheFolder } from './cache.js';
import { need } from './command.js';
import { buildFolder, hasImage, pull, writeContext } from './docker.js';
import { LabError } from './lab-error.js';
import { alone } from './lock.js';
import { announced, type Say } from './progress.js';

/** The Keycloak version of a lab that asks for no other. */
export const defaultKeycloakVersion = '26.7.3';

/** The image's name as its makers publish it; ours takes it where theirs cannot be had. */
export function keycloakImage(version: string): string {
  return `quay.io/keycloak/keycloak:${version}`;
}

/**
 * Sees to it that a Keycloak image is there: present, else pulled, else built from the server's archive on Maven
 * Central. Throws {@link LabError} when none of these works.
 */
export async function ensureKeycloakImage(say: Say, version = defaultKeycloakVersion): Promise<string> {
  const image = keycloakImage(version);
  if (await hasImage(image)) return image;
  return alone(`keycloak-${version}`, say, async () => {
    if (await hasImage(image)) return image;
    if (await announced(say, `pulling ${image}`, () => pull(image))) return image;
    say(`${image} cannot be pulled; building it from Maven Central instead`);
    const archive = await announced(say, `downloading Keycloak ${version} (about 180 MB)`, () =>
      download(version),
    );
    const base = await ensureBaseImage(say);
    await announced(say, `building ${image}`, () => buildFrom(archive, image, base));
    return image;
  });
}

/**
 * A `docker save` file of the image, as an inventory's `keycloak.imageArchive` takes it. It is made once for each image
 * and kept in the cache folder; archives of images that are no longer there are removed.
 */
export async function ensureKeycloakArchive(say: Say, version = defaultKeycloakVersion): Promise<string> {
  const image = await ensureKeycloakImage(say, version);
  return alone(`keycloak-archive-${version}`, say, async () => {
    const id = (await need(['docker', 'image', 'inspect', '--format', '{{.Id}}', image])).trim();
    const folder = await cacheFolder();
    const prefix = `keycloak-${version}-image-`;
    const archive = join(folder, `${prefix}${id.replace('sha256:', '').slice(0, 12)}.tar`);
    if (await exists(archive)) return archive;
    for (const name of await readdir(folder)) if (name.startsWith(prefix)) await rm(join(folder, name));
    await announced(say, `saving ${image} to ${archive}`, async () => {
      await need(['docker', 'save', '--output', `${archive}.part`, image]);
      await rename(`${archive}.part`, archive);
    });
    return archive;
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Downloads the server once and checks it against the checksum that lies beside it. */
async function download(version: string): Promise<string> {
  const archive = join(await cacheFolder(), `keycloak-${version}.tar.gz`);
  if (await exists(archive)) return archive;
  const folder = `https://repo1.maven.org/maven2/org/keycloak/keycloak-quarkus-dist/${version}`;
  const url = `${folder}/keycloak-quarkus-dist-${version}.tar.gz`;
  try {
    const expected = (await text(await get(`${url}.sha512`))).trim();
    await pipeline(await get(url), createWriteStream(`${archive}.part`));
    const found = await sha512(`${archive}.part`);
    if (found !== expected) throw new Error(`its SHA-512 is ${found}, not ${expected}`);
  } catch (error) {
    throw new LabError(
      `Keycloak ${version} is not here, cannot be pulled, and ${url} cannot be had: ${reason(error)}`,
      `check that this version exists, or bring its image by hand: docker load of a docker save of ${keycloakImage(version)}.`,
    );
  }
  await rename(`${archive}.part`, archive);
  return archive;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

async function get(url: string): Promise<Readable> {
  const answer = await fetch(url, { dispatcher: new EnvHttpProxyAgent() });
  if (!answer.ok || answer.body === null) throw new Error(`the server answers ${answer.status}`);
  return Readable.fromWeb(answer.body);
}

async function sha512(path: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The same user, folders and entry point as in the published image, so that a Dockerfile on top of it cannot tell. */
const dockerfile = (base: string): string =>
  [
    `FROM ${base}`,
    aptInstall(['openjdk-17-jre-headless']),
    'RUN useradd --uid 1000 --gid 0 --home-dir /opt/keycloak --no-create-home keycloak',
    'COPY --chown=1000:0 keycloak /opt/keycloak',
    'ENV KC_RUN_IN_CONTAINER=true',
    'USER 1000',
    'EXPOSE 8080 8443 9000',
    'ENTRYPOINT ["/opt/keycloak/bin/kc.sh"]',
    '',
  ].join('\n');

async function buildFrom(archive: string, image: string, base: string): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'orchestrate-lab-keycloak-'));
  try {
    const server = join(context, 'keycloak');
    await mkdir(server);
    await need(['tar', '-xzf', archive, '--strip-components=1', '--no-same-owner', '-C', server]);
    // A fresh named volume takes its owner from the folder in the image.
    await mkdir(join(server, 'data'), { recursive: true });
    await need(['chmod', '-R', 'g+rwX', server]);
    await writeContext(context, await aptContext());
    await writeFile(join(context, 'Dockerfile'), dockerfile(base));
    await buildFolder(image, context);
  } finally {
    await rm(context, { recursive: true });
  }
}
