import { basesOf, type Build, buildComplaint, inputsOf } from '../dialects/docker/dockerfile.js';
import {
  buildImage,
  buildStep,
  type FoundImage,
  foundImage,
  inspectImage,
  listedTags,
  listTags,
  loadedTags,
  missingImages,
  pullImage,
  sweepUntagged,
  tagImage,
  untagImage,
} from '../dialects/docker/image.js';
import { setAsideName, tagComplaint } from '../dialects/docker/name.js';
import { lastLines } from '../lib/printable.js';
import { Failed } from '../model/failure.js';
import type { Difference, Remote, ResourceKind, Step, Wanted } from '../model/kind.js';
import { look } from '../model/look.js';
import { ask, map } from '../probe/probe.js';

/**
 * Where an image comes from. An archive is a file of `docker save` on this side, plain or compressed: every engine
 * takes gzip; 20.10 was seen to refuse zstd.
 */
export type ImageSource = { readonly build: Build } | { readonly archive: string } | { readonly pull: true };

/** An image under a tag. */
export interface DockerImage {
  readonly tag: string;
  readonly from: ImageSource;
  /** What a person can do when the image, or one that it is built from, cannot be had. */
  readonly advice?: string;
}

type Id = { readonly tag: string };

/** `inputs`: digest of what we built it from. `id`: of the image that was seen; null before it is made. */
type State = { readonly inputs: string | null; readonly id: string | null };

type ImageStep = Step<DockerImage, Id, State>;

const read = (tag: string) => ask(inspectImage(tag), foundImage);

const longMs = 20 * 60_000;

/**
 * An image. A built one is as wanted when its label holds the digest of its inputs, so a plan needs no build. One that
 * is pulled or loaded is as wanted when its tag is there: an archive is not opened for that.
 *
 * A build does not pull what it starts from: that is a task of its own, so that undo knows about it.
 */
export const dockerImage: ResourceKind<DockerImage, Id, State> = {
  shape: 'resource',
  name: 'docker.image',
  version: 1,
  atomic: false,

  identify({ tag, from }) {
    const complaint = tagComplaint(tag) ?? ('build' in from ? buildComplaint(from.build) : null);
    if (complaint === null) return { tag };
    throw new Failed({
      reason: 'configuration',
      what: complaint,
      next: `correct the image ${tag} in the graph`,
    });
  },

  probe: ({ tag }) => map(read(tag), (found) => ({ state: stateOf(found) })),

  target({ from }, seen): Wanted<State> {
    const inputs = 'build' in from ? inputsOf(from.build) : null;
    const asWanted = seen.state !== null && (inputs === null || seen.state.inputs === inputs);
    return { state: asWanted ? seen.state : { inputs, id: null } };
  },

  describe({ state }, wanted, { tag, from }): readonly Difference[] {
    if (wanted.state === null || wanted.state === state) return [];
    const note: Difference = { is: 'note', text: `${verb(from)} ${tag}` };
    if (wanted.state.inputs === null) return [note];
    const was = state === null ? '' : (state.inputs?.slice(0, 12) ?? 'not built by orchestrate');
    return [note, { is: 'field', field: 'inputs', from: was, to: wanted.state.inputs.slice(0, 12) }];
  },

  async converge(step, remote) {
    const { id, to, run } = step;
    const current = await look(read(id.tag), remote);
    const asideTag = setAsideName(id.tag, run);
    if (to === null) {
      if (current !== null)
        await remote.must(untagImage(id.tag), { what: `the image ${id.tag} could not be removed` });
    } else if (to.id !== null) {
      await pointBack({ tag: id.tag, asideTag, wanted: to.id, current }, remote);
    } else {
      // The tag alone would lose the image that it pointed to.
      if (current !== null && (await look(read(asideTag), remote)) === null) {
        await remote.must(tagImage(id.tag, asideTag), { what: `the image ${id.tag} could not be set aside` });
      }
      await get(step, remote);
    }
    for (const inputs of new Set([step.from?.inputs, to?.inputs])) {
      if (inputs != null)
        await remote.must(sweepUntagged(inputs), { what: `leftovers of ${id.tag} could not be removed` });
    }
  },
};

const stateOf = (found: FoundImage | null): State | null =>
  found === null ? null : { inputs: found.inputs, id: found.id };

function verb(from: ImageSource): string {
  if ('build' in from) return 'build';
  return 'archive' in from ? `load from ${from.archive}:` : 'pull';
}

interface Back {
  readonly tag: string;
  readonly asideTag: string;
  readonly wanted: string;
  readonly current: FoundImage | null;
}

async function pointBack({ tag, asideTag, wanted, current }: Back, remote: Remote): Promise<void> {
  if (current?.id !== wanted) {
    await remote.must(tagImage(wanted, tag), {
      what: `the tag ${tag} could not be pointed back to ${wanted.slice(0, 19)}`,
      next: 'if that image was removed meanwhile, get it again by hand and run the rollback again',
    });
  }
  if ((await look(read(asideTag), remote)) !== null) {
    await remote.must(untagImage(asideTag), { what: `the tag ${asideTag} could not be removed` });
  }
}

async function get({ id, to, props }: ImageStep, remote: Remote): Promise<void> {
  if (props === null) {
    throw new Failed({
      reason: 'changed-meanwhile',
      what: `the image ${id.tag} is gone, and the journal alone does not say how to make it`,
      next: 'run apply with the inventory that made it',
    });
  }
  const { from, advice } = props;
  if ('archive' in from) return load(id.tag, from.archive, remote);
  if ('pull' in from) {
    await remote.must(pullImage(id.tag), {
      what: `the image ${id.tag} could not be pulled`,
      timeoutMs: longMs,
      ...(advice === undefined ? {} : { next: advice }),
    });
    return;
  }
  await build(props, from.build, remote);
  const made = await look(read(id.tag), remote);
  if (made?.inputs === to?.inputs) return;
  throw new Failed({
    reason: 'not-converged',
    what: `the image ${id.tag} was built, and yet its label does not say so`,
    next: `look at it with \`docker image inspect ${id.tag}\``,
  });
}

async function build({ tag, advice }: DockerImage, from: Build, remote: Remote): Promise<void> {
  const bases = await remote.must(missingImages(basesOf(from.dockerfile)), {
    what: `the bases of ${tag} cannot be read`,
  });
  const missing = lastLines(bases.stdout, 5);
  if (missing.length > 0) {
    throw new Failed({
      reason: 'refused',
      what: `the image ${tag} cannot be built: ${missing.join(', ')} is not on the host`,
      next: advice ?? 'add a task before it that pulls that image or loads it from an archive',
    });
  }
  const reply = await remote.run(buildImage(tag, from), {
    timeoutMs: longMs,
    onLine: (line) => {
      const step = buildStep(line);
      if (step !== null) remote.progress(step);
    },
  });
  if (reply.code === 0) return;
  await remote.run(sweepUntagged(inputsOf(from)));
  throw new Failed({
    reason: 'command-failed',
    what: `building the image ${tag} ended with ${reply.code}`,
    evidence: [...lastLines(reply.stdout, 15), ...lastLines(reply.stderr, 5)],
    next: 'the last lines above say which step of the Dockerfile failed',
  });
}

/** An archive may hold more images than the one that is asked for: those that were not there before go again. */
async function load(tag: string, archive: string, remote: Remote): Promise<void> {
  const before = listedTags(await remote.must(listTags, { what: 'the images of the host cannot be listed' }));
  const reply = await remote.stream('docker load', archive);
  const loaded = loadedTags(reply);
  for (const extra of loaded.filter((other) => other !== tag)) {
    const was = before.get(extra);
    const back = was === undefined ? untagImage(extra) : tagImage(was, extra);
    await remote.must(back, { what: `the image ${extra}, loaded beside ${tag}, could not be taken back` });
  }
  if (reply.code === 0 && loaded.includes(tag)) return;
  throw new Failed({
    reason: reply.code === 0 ? 'refused' : 'command-failed',
    what: reply.code === 0 ? `${archive} does not hold the image ${tag}` : `docker could not load ${archive}`,
    evidence: [...loaded.map((other) => `it holds ${other}`), ...lastLines(reply.stderr, 5)],
    next: `make it where the image is: \`docker save ${tag} | gzip >image.tar.gz\` (not every engine reads zstd)`,
  });
}
