import {
  type ContainerSpec,
  type FoundContainer,
  foundContainer,
  inspectContainer,
  type PublishedPort,
  sameContainer,
  shownSpec,
  type VolumeMount,
} from '../dialects/docker/container.js';
import { foundImage, inspectImage } from '../dialects/docker/image.js';
import { nameComplaint, setAsideName, tagComplaint } from '../dialects/docker/name.js';
import { type SecretFile, filePlaceComplaint } from '../dialects/docker/secret-file.js';
import { discard, swap } from '../dialects/docker/swap.js';
import { foundVolume, inspectVolume } from '../dialects/docker/volume.js';
import { printableLine } from '../lib/printable.js';
import { Failed } from '../model/failure.js';
import type { Difference, Observed, Remote, ResourceKind } from '../model/kind.js';
import { look } from '../model/look.js';
import { all, ask, map } from '../probe/probe.js';
import { lines, type Sh, sh } from '../shell/sh.js';

/** A container that runs. What is left out is Docker's default. No secret may stand in `command` or `env`. */
export interface DockerContainer {
  readonly name: string;
  /** Must be on the host when the container is made: nothing is pulled for it. */
  readonly image: string;
  /** For an image that we build: the digest of its inputs, so that a plan sees a new image before it is built. */
  readonly imageInputs?: string;
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: readonly PublishedPort[];
  /** Must be on the host when the container is made. */
  readonly volumes?: readonly VolumeMount[];
  readonly memoryBytes?: number;
  readonly restart?: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  /**
   * Put in after creating and before starting, whenever a container is made, also on a volume with data. They are in
   * no digest and no label: another value alone changes nothing.
   */
  readonly secretFiles?: readonly SecretFile[];
  /** Given: another tag on a container that exists is refused, and this is what to do instead. */
  readonly instead?: string;
  /** What to do when a container of that name is somebody else's. */
  readonly advice?: string;
}

type Id = { readonly name: string };
type State = { readonly spec: ContainerSpec; readonly running: boolean };

/** A container of the name that is not ours has no state for us. */
interface Seen extends Observed<State> {
  readonly foreign: FoundContainer | null;
}

const read = (name: string) => ask(inspectContainer(name), (reply) => foundContainer(reply, name));

/**
 * A container with everything it is made with. To change it is to stop it, set it aside under a name that holds the
 * run, and start a new one; undo renames it back. The one set aside stays, stopped, until the run is pruned.
 */
export const dockerContainer: ResourceKind<DockerContainer, Id, State, Seen> = {
  shape: 'resource',
  name: 'docker.container',
  version: 1,
  atomic: false,

  identify(props) {
    const complaint = complaintOf(props);
    if (complaint === null) return { name: props.name };
    throw new Failed({
      reason: 'configuration',
      what: complaint,
      next: `correct the container ${printableLine(props.name)} in the graph`,
    });
  },

  probe: ({ name }) =>
    map(read(name), (found): Seen => {
      if (found === null) return { state: null, foreign: null };
      if (found.spec === null) return { state: null, foreign: found };
      return { state: { spec: found.spec, running: isRunning(found) }, foreign: null };
    }),

  target(props, { state, foreign }) {
    if (foreign !== null) throw notOurs(foreign, props.advice);
    if (state !== null && state.spec.image !== props.image && props.instead !== undefined) {
      throw new Failed({
        reason: 'refused',
        what: `the container ${props.name} is made from ${state.spec.image}, not from ${props.image}`,
        next: props.instead,
      });
    }
    return { state: { spec: specOf(props), running: true } };
  },

  describe: ({ state }, wanted) => (wanted.state === null ? [] : differences(state, wanted.state)),

  warn: ({ state }, wanted, { name }) =>
    state !== null && state.running && wanted.state !== null && !sameContainer(state.spec, wanted.state.spec)
      ? [`the container ${name} is stopped and another takes its place: what it serves is away for a while`]
      : [],

  async converge(step, remote) {
    const { id, to, props, run } = step;
    const asideName = setAsideName(id.name, run);
    const { current, aside } = await look(all({ current: read(id.name), aside: read(asideName) }), remote);
    for (const found of [current, aside]) {
      if (found !== null && found.spec === null) throw notOurs(found, props?.advice);
    }
    if (to === null) {
      if (current === null) return;
      await act(
        lines(sh`set -e`, ...discard(current)),
        `the container ${id.name} could not be removed`,
        remote,
      );
      return;
    }
    const files = props?.secretFiles ?? [];
    const { way, script } = swap({ name: id.name, current, asideName, aside }, { ...to, run, files });
    if (way === 'create') await mustHaveParts(to.spec, remote);
    await act(script, `the container ${id.name} could not be brought to what it should be`, remote);
  },
};

function complaintOf(props: DockerContainer): string | null {
  const complaints = [
    nameComplaint(props.name),
    tagComplaint(props.image),
    ...(props.volumes ?? []).map((mount) => nameComplaint(mount.volume)),
    ...(props.secretFiles ?? []).map((file) => filePlaceComplaint(file)),
  ];
  return complaints.find((complaint) => complaint !== null) ?? null;
}

const specOf = (props: DockerContainer): ContainerSpec => ({
  image: props.image,
  imageInputs: props.imageInputs ?? null,
  command: props.command ?? [],
  env: props.env ?? {},
  ports: props.ports ?? [],
  volumes: props.volumes ?? [],
  memoryBytes: props.memoryBytes ?? null,
  restart: props.restart ?? 'no',
});

/** One that Docker keeps starting again counts as running: whether it serves is for a health check to say. */
const isRunning = ({ status }: FoundContainer): boolean => status === 'running' || status === 'restarting';

function differences(from: State | null, to: State): readonly Difference[] {
  const before = fieldsOf(from);
  const after = fieldsOf(to);
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((field) => ({
      is: 'field' as const,
      field,
      from: before.get(field) ?? '',
      to: after.get(field) ?? '',
    }))
    .filter((difference) => difference.from !== difference.to);
}

function fieldsOf(state: State | null): ReadonlyMap<string, string> {
  if (state === null) return new Map();
  return new Map([...shownSpec(state.spec), ['running', state.running ? 'yes' : 'no']]);
}

function notOurs(found: FoundContainer, advice: string | undefined): Failed {
  const { name, composeProject } = found;
  return new Failed({
    reason: 'refused',
    what: `there is a container ${name} already that orchestrate did not make: it is not touched`,
    evidence: [
      `made from the image ${printableLine(found.image)}`,
      `created ${printableLine(found.created)}, now ${printableLine(found.status)}`,
      ...(composeProject === null ? [] : [`belongs to the compose project ${printableLine(composeProject)}`]),
    ],
    next: advice ?? `give ours another name, or rename theirs: \`docker rename ${name} …\``,
  });
}

/** Docker would pull an image and make a volume that are missing, unasked: nothing could undo that. */
async function mustHaveParts(spec: ContainerSpec, remote: Remote): Promise<void> {
  const image = await look(ask(inspectImage(spec.image), foundImage), remote);
  const missing = (what: string): Failed =>
    new Failed({
      reason: 'refused',
      what,
      next: 'add the task that makes it, and let the container come after it',
    });
  if (image === null) throw missing(`the image ${spec.image} is not on the host`);
  if (spec.imageInputs !== null && image.inputs !== spec.imageInputs) {
    throw missing(`the image ${spec.image} on the host is not the one that was planned`);
  }
  for (const { volume } of spec.volumes) {
    const found = await look(ask(inspectVolume(volume), foundVolume), remote);
    if (found === null) throw missing(`the volume ${volume} is not on the host`);
  }
}

async function act(script: Sh, what: string, remote: Remote): Promise<void> {
  await remote.must(script, { what, timeoutMs: 180_000 });
}
