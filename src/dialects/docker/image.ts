import { z } from 'zod';
import { lastLines } from '../../lib/printable.js';
import type { Reply } from '../../shell/batch.js';
import { lines, type Sh, sh } from '../../shell/sh.js';
import { type Build, inputsOf, labelled } from './dockerfile.js';
import { inspected } from './inspect.js';
import { inputsLabel } from './name.js';

/** An image as it was found behind a tag. */
export interface FoundImage {
  /** `sha256:…` of its configuration. */
  readonly id: string;
  /** Digest of its inputs when we built it. */
  readonly inputs: string | null;
}

const schema = z
  .object({
    Id: z.string().regex(/^sha256:[0-9a-f]{64}$/),
    Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
  })
  .transform((image): FoundImage => ({ id: image.Id, inputs: image.Config?.Labels?.[inputsLabel] ?? null }));

/** Reads the image behind a tag. */
export const inspectImage = (tag: string): Sh => sh`docker image inspect ${tag}`;

/** What {@link inspectImage} printed; null when there is none. */
export const foundImage = (reply: Reply): FoundImage | null => inspected(reply, schema);

/** Names the images of the list that are not on the host, one a line. */
export const missingImages = (tags: readonly string[]): Sh =>
  lines(...tags.map((tag) => sh`docker image inspect ${tag} >/dev/null 2>&1 || printf '%s\n' ${tag}`));

/** Gives an image one tag more. */
export const tagImage = (image: string, tag: string): Sh => sh`docker image tag ${image} ${tag}`;

/** Takes a tag away; the image goes with its last one. Docker refuses while a container was made from the tag. */
export const untagImage = (tag: string): Sh => sh`docker image rm ${tag} >/dev/null`;

/** Gets an image from its registry. */
export const pullImage = (tag: string): Sh => sh`docker image pull ${tag}`;

/**
 * Builds an image with the digest of its inputs on every stage. The context lies in a private folder that goes
 * away with the script.
 */
export function buildImage(tag: string, build: Build): Sh {
  const files = Object.entries({
    ...build.files,
    Dockerfile: labelled(build.dockerfile, inputsOf(build)),
  });
  return lines(
    sh`set -e`,
    sh`context=$(mktemp -d)`,
    sh`trap 'rm -rf "$context"' EXIT`,
    sh`chmod 0755 "$context"`,
    ...files.map(([path, text]) => writeInContext(path, text)),
    sh`docker build --force-rm --tag ${tag} "$context" </dev/null`,
  );
}

function writeInContext(path: string, text: string): Sh {
  const folder = path.includes('/')
    ? sh`mkdir -p "$context"/${path.slice(0, path.lastIndexOf('/'))}; `
    : sh``;
  // 0644: what a build copies is for the image's own user, and the digest does not hold a mode.
  return sh`(umask 022; ${folder}printf '%s' ${text} >"$context"/${path})`;
}

/**
 * Removes the images without a tag that a build with these inputs left: finished stages of the classic builder,
 * and all of a build that broke. Only ours have the label.
 */
export const sweepUntagged = (inputs: string): Sh =>
  lines(
    sh`left=$(docker image ls --quiet --no-trunc --filter dangling=true --filter ${`label=${inputsLabel}=${inputs}`}) || exit`,
    sh`[ -z "$left" ] || docker image rm $left >/dev/null`,
  );

/** Lists every tag of the host with the image behind it. */
export const listTags: Sh = sh`docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}'`;

/** What {@link listTags} printed. */
export const listedTags = (reply: Reply): ReadonlyMap<string, string> =>
  new Map(
    text(reply.stdout)
      .split('\n')
      .map((line) => line.split(' '))
      .flatMap(([tag, id]) => (tag !== undefined && id !== undefined ? [[tag, id] as const] : [])),
  );

/** The tags that `docker load` says it loaded. */
export const loadedTags = (reply: Reply): readonly string[] =>
  [...text(reply.stdout).matchAll(/^Loaded image: (\S+)\s*$/gm)].map(([, tag = '']) => tag);

/** The step of a build that a line of its output announces, such as `Step 2/7 : RUN …`. */
export function buildStep(line: string): string | null {
  const step = /^(?:Step \d+\/\d+ : .*|#\d+ \[[^\]]+\] .*)$/.exec(line)?.[0];
  return step === undefined ? null : (lastLines(step, 1)[0] ?? null);
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
