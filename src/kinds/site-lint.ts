import { readFile, type SeenFile } from '../dialects/files.js';
import { editFile, type FileEdit } from '../formats/editors.js';
import type { ConfigFile } from '../formats/file-finding.js';
import { lintSite } from '../formats/lint.js';
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
  readonly nginx: EditedFile | null;
  readonly page: EditedFile;
}

const absent: SeenFile = { state: null, bytes: null };

/**
 * What will still be wrong in the files once the edits are made: told, never a reason to stop. A file that cannot be
 * edited is looked at as it is; its own task says why it cannot.
 */
export const siteLint: CheckKind<SiteLint> = {
  shape: 'check',
  name: 'site.lint',
  probe: (props) =>
    map(
      all({
        prosody: readFile(props.prosody),
        nginx: props.nginx === null ? known(absent) : readFile(props.nginx),
        page: readFile(props.page),
      }),
      (seen) => verdictOn(props, seen),
    ),
};

function verdictOn(
  { job, prosody, nginx, page }: SiteLint,
  seen: { readonly prosody: SeenFile; readonly nginx: SeenFile; readonly page: SeenFile },
): Verdict {
  const findings = lintSite(
    {
      ...given('prosody', prosody, seen.prosody),
      ...(nginx === null ? {} : given('nginx', nginx, seen.nginx)),
      ...given('jitsiConfig', page, seen.page),
    },
    job,
  );
  return {
    ok: true,
    findings: findings.map(({ path, at, breaks, fix }) => `${path}:${at.line}: ${breaks}; ${fix}`),
  };
}

function given<Name extends string>(
  name: Name,
  { path, edit }: EditedFile,
  { bytes }: SeenFile,
): Partial<Record<Name, ConfigFile>> {
  if (bytes === null) return {};
  const outcome = editFile(bytes, edit);
  const file: ConfigFile = { path, source: outcome.is === 'edited' ? outcome.bytes : bytes };
  return { [name]: file } as Partial<Record<Name, ConfigFile>>;
}
