import { askDataRoot, dataRoot } from '../dialects/docker/engine.js';
import { missingImages } from '../dialects/docker/image.js';
import { readRoom, room, shownSize } from '../dialects/linux.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { all, andThen, ask, known, map } from '../probe/probe.js';

/** Room on a disk that something new will take. */
export interface HostDisk {
  readonly neededBytes: number;
  /** Default: where Docker keeps its images. */
  readonly path?: string;
  /** When this image is on the host, nothing more has to be stored. */
  readonly image?: string;
}

/** There is room on the disk for what is to come. */
export const hostDisk: CheckKind<HostDisk> = {
  shape: 'check',
  name: 'host.disk',
  probe: ({ neededBytes, path, image }) =>
    andThen(
      all({
        root: path === undefined ? ask(askDataRoot, dataRoot) : known(path),
        stored:
          image === undefined
            ? known(false)
            : ask(missingImages([image]), ({ stdout }) => stdout.length === 0),
      }),
      ({ root, stored }) =>
        stored
          ? known<Verdict>({ ok: true, note: 'the image is on the host already' })
          : map(ask(readRoom(root), room), (found) => verdict(neededBytes, root, found)),
    ),
};

function verdict(needed: number, path: string, found: ReturnType<typeof room>): Verdict {
  if (found === null) return { ok: true, note: `the host does not say how much room there is at ${path}` };
  const free = `${shownSize(found.bytes)} free on ${found.mount}`;
  if (found.bytes >= needed) return { ok: true, note: free };
  return {
    ok: false,
    because: `${shownSize(needed)} of disk is needed, ${free}`,
    next: `make room on ${found.mount}; what Docker could give back: \`docker system df\``,
    hopeless: true,
  };
}
