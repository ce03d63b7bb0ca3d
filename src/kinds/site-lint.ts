import { readFile, type SeenFile } from '../dialects/files.js';
import { readProsodyFiles } from '../dialects/prosody-files.js';
import { editFile, type FileEdit } from '../formats/editors.js';
import type { ConfigFile } from '../formats/file-finding.js';
import { lintEdits, type SiteFiles, type SiteFinding } from '../formats/lint.js';
import type { SignInJob } from '../formats/sign-in-job.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { all, known, map } from '../probe/probe.js';

/** A file with the edits that it is going to get. */
interface EditedFile {
  readonly path: string;
  readonly edit: FileEdit;
}

/** The config files of one site. */
export interface SiteLint {
  readonly job: SignInJob;
  readonly prosody: EditedFile;
  /** Where Prosody's other files are: `/etc/prosody`. */
  readonly prosodyFolder: string;
  readonly nginx: EditedFile | null;
  readonly page: EditedFile;
}

const absent: SeenFile = { state: null, bytes: null };

/** What is there of a site. */
interface SeenSite {
  readonly prosody: SeenFile;
  readonly prosodyFiles: readonly ConfigFile[];
  readonly nginx: SeenFile;
  readonly page: SeenFile;
}

/**
 * What is wrong in the files, and what the edits mend of it: told, never a reason to stop. A file that cannot be edited
 * is looked at as it is; its own task says why it cannot.
 */
export const siteLint: CheckKind<SiteLint> = {
  shape: 'check',
  name: 'site.lint',
  probe: (props) =>
    map(
      all({
        prosody: readFile(props.prosody),
        prosodyFiles: readProsodyFiles(props.prosodyFolder),
        nginx: props.nginx === null ? known(absent) : readFile(props.nginx),
        page: readFile(props.page),
      }),
      (seen) => verdictOn(props, seen),
    ),
};

function verdictOn(props: SiteLint, seen: SeenSite): Verdict {
  const [now, edited] = [siteOf(props, seen, asItIs), siteOf(props, seen, asEdited)];
  return { ok: true, findings: lintEdits(now, edited, props.job).map(told) };
}

function told({ path, at, breaks, fix, state }: SiteFinding): string {
  const where = state === 'edited' ? `${path}:${at.line} (once edited)` : `${path}:${at.line}`;
  return `${where}: ${breaks.replace(/\.$/, '')}; ${state === 'mended' ? '`apply` mends this' : fix}`;
}

type Take = (bytes: Uint8Array, edit: FileEdit) => Uint8Array;

const asItIs: Take = (bytes) => bytes;

const asEdited: Take = (bytes, edit) => {
  const outcome = editFile(bytes, edit);
  return outcome.is === 'edited' ? outcome.bytes : bytes;
};

function siteOf({ prosody, nginx, page }: SiteLint, seen: SeenSite, take: Take): SiteFiles {
  const file = ({ path, edit }: EditedFile, { bytes }: SeenFile): ConfigFile | undefined =>
    bytes === null ? undefined : { path, source: take(bytes, edit) };
  const [own, site, script] = [
    file(prosody, seen.prosody),
    nginx === null ? undefined : file(nginx, seen.nginx),
    file(page, seen.page),
  ];
  return {
    prosody: own === undefined ? seen.prosodyFiles : withOwn(seen.prosodyFiles, own),
    ...(site === undefined ? {} : { nginx: site }),
    ...(script === undefined ? {} : { jitsiConfig: script }),
  };
}

/** Prosody's files with the site's own in its place; one that no link in `conf.d` leads to comes last. */
const withOwn = (files: readonly ConfigFile[], own: ConfigFile): readonly ConfigFile[] =>
  files.some(({ path }) => path === own.path)
    ? files.map((file) => (file.path === own.path ? own : file))
    : [...files, own];
