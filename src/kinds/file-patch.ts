import { type Validator, validated, validators } from '../dialects/validators.js';
import {
  type FileId,
  fileThing,
  type FileState,
  judgeFileStep,
  keepFile,
  layFile,
  readFile,
  type SeenFile,
} from '../dialects/files.js';
import { type FileEdit, editFile, maskFile } from '../formats/editors.js';
import { sha256 } from '../lib/digest.js';
import { unifiedDiff } from '../lib/text-diff.js';
import { Failed } from '../model/failure.js';
import type { ResourceKind } from '../model/kind.js';

/** Edits of one config file that somebody else wrote. Every byte that is not asked for stays. */
export interface FilePatch {
  readonly path: string;
  readonly edit: FileEdit;
  /** Judges the file once it is in place: what it finds that it had not found before undoes the change. */
  readonly validator?: Validator;
}

/** A config file with edits in it. A file that is not understood is refused, with the place. */
export const filePatch: ResourceKind<FilePatch, FileId, FileState, SeenFile> = {
  shape: 'resource',
  name: 'file.patch',
  version: 1,
  atomic: true,
  identify: ({ path }) => ({ path }),
  thing: fileThing,
  probe: readFile,
  target: (props, seen) => {
    if (seen.state === null || seen.bytes === null) throw missing(props.path);
    const outcome = editFile(seen.bytes, props.edit);
    if (outcome.is === 'already') return { state: seen.state };
    if (outcome.is === 'refused') throw notUnderstood(props.path, outcome.refusal);
    const { bytes } = outcome;
    return { state: { ...seen.state, sha256: sha256(bytes), size: bytes.length }, blobs: [bytes] };
  },
  describe: (seen, wanted, props) => {
    const unified = unifiedDiff({
      path: props.path,
      before: seen.bytes ?? new Uint8Array(),
      after: wanted.blobs?.[0] ?? new Uint8Array(),
      mask: (text) => maskFile(text, props.edit.format),
    });
    return [{ is: 'text', unified }];
  },
  keep: keepFile,
  converge: async ({ id, from, to, props }, remote) => {
    if (to === null) return;
    const lay = layFile(id, remote.blob(to.sha256), { from, to });
    if (props?.validator === undefined) {
      judgeFileStep(id.path, await remote.run(lay));
      return;
    }
    const reply = await remote.run(validated(validators[props.validator].command, lay));
    validators[props.validator].judge(id.path, reply, (laid) => judgeFileStep(id.path, laid));
  },
};

const missing = (path: string): Failed =>
  new Failed({
    reason: 'refused',
    what: `${path} is not there`,
    evidence: ['it is edited where it stands, and is not made from nothing'],
    next: 'install what brings this file (for Jitsi: the jitsi-meet package, set up for this domain), or check the domain',
  });

const notUnderstood = (
  path: string,
  refusal: { readonly reason: string; readonly at: { line: number; column: number } },
): Failed =>
  new Failed({
    reason: 'refused',
    what: `${path}:${refusal.at.line}:${refusal.at.column}: ${refusal.reason}`,
    evidence: [],
    next: 'make this place of the file simple enough to be edited with certainty, or do this edit by hand; the file was not touched',
  });
