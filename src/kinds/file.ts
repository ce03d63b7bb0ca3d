import {
  type FileId,
  fileThing,
  type FileState,
  judgeFileStep,
  keepFile,
  layFile,
  readFile,
  removeFile,
  type SeenFile,
} from '../dialects/files.js';
import { sha256 } from '../lib/digest.js';
import { unifiedDiff } from '../lib/text-diff.js';
import type { ResourceKind } from '../model/kind.js';

/** A file with this content. `content: null`: there should be no such file. */
export interface File {
  readonly path: string;
  readonly content: string | Uint8Array | null;
  /** Four octal digits. Default: that of the file that is there, else `0644`. */
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
}

/** A whole file: laid in one step, put back byte for byte. */
export const file: ResourceKind<File, FileId, FileState, SeenFile> = {
  shape: 'resource',
  name: 'file',
  version: 1,
  atomic: true,
  identify: ({ path }) => ({ path }),
  thing: fileThing,
  probe: readFile,
  target: (props, seen) => {
    if (props.content === null) return { state: null };
    const bytes = Buffer.from(props.content);
    const state: FileState = {
      sha256: sha256(bytes),
      size: bytes.length,
      mode: props.mode ?? seen.state?.mode ?? '0644',
      owner: props.owner ?? seen.state?.owner ?? 'root',
      group: props.group ?? seen.state?.group ?? 'root',
    };
    return { state, blobs: [bytes] };
  },
  describe: (seen, wanted, props) => {
    const before = seen.bytes ?? new Uint8Array();
    const after = wanted.state === null ? new Uint8Array() : Buffer.from(props.content ?? '');
    const meta = (['mode', 'owner', 'group'] as const).flatMap((field) =>
      seen.state !== null && wanted.state !== null && seen.state[field] !== wanted.state[field]
        ? [{ is: 'field' as const, field, from: seen.state[field], to: wanted.state[field] }]
        : [],
    );
    const unified = unifiedDiff({ path: props.path, before, after, mask: (text) => text });
    return unified === '' ? meta : [...meta, { is: 'text', unified }];
  },
  keep: keepFile,
  converge: async ({ id, from, to }, remote) => {
    if (to === null && from === null) return;
    const step =
      to === null ? removeFile(id, from as FileState) : layFile(id, remote.blob(to.sha256), { from, to });
    judgeFileStep(id.path, await remote.run(step));
  },
};
