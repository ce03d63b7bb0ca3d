import type { ConfigFile, FileFinding } from './file-finding.js';
import { lintJitsiConfig, realmsNamed } from './jitsi-config/index.js';
import { lintNginx } from './nginx/lint.js';
import { lintProsody, type ProsodySource, signInFacts } from './prosody/lint.js';
import { type SeenValue, stringsOf } from './prosody/view.js';
import { lintSignIn, type SeenAddress } from './sign-in-lint.js';
import type { SignInJob } from './sign-in-job.js';

/** The config files of one site, by language; any of them may be missing. */
export interface SiteFiles {
  /** In the order in which Prosody loads them. */
  readonly prosody: readonly ConfigFile[];
  readonly nginx?: ConfigFile;
  readonly jitsiConfig?: ConfigFile;
}

/** A finding about files that are going to be edited. */
export interface SiteFinding extends FileFinding {
  /**
   * `mended`: the edits put it right. `stays`: it is there before and after. `edited`: it comes with the edits, or has
   * moved so that its place is that in the edited file.
   */
  readonly state: 'mended' | 'stays' | 'edited';
}

/** What is wrong in the files of a site now, and what will be when they are edited. Places are those of now where they can be. */
export function lintEdits(now: SiteFiles, edited: SiteFiles, job: SignInJob): readonly SiteFinding[] {
  const waiting = new Set(lintSite(now, job));
  const taken = (found: (old: FileFinding) => boolean): FileFinding | undefined => {
    const old = [...waiting].find(found);
    if (old !== undefined) waiting.delete(old);
    return old;
  };
  const unchanged = lintSite(edited, job).map((left) => ({
    left,
    old: taken((old) => isLike(old, left) && wording(old) === wording(left)),
  }));
  const remaining = unchanged.map(({ left, old }): SiteFinding => {
    if (old !== undefined) return { ...old, state: 'stays' };
    const reworded = taken((each) => isLike(each, left));
    return reworded === undefined
      ? { ...left, state: 'edited' }
      : { ...left, at: reworded.at, state: 'stays' };
  });
  const mended = [...waiting].filter((finding) => !isAboutJob(finding));
  return [...mended.map((finding) => ({ ...finding, state: 'mended' }) as const), ...remaining];
}

const isLike = (one: FileFinding, other: FileFinding): boolean =>
  one.path === other.path && one.code === other.code;

/** What a finding says, whatever lines it names. */
const wording = ({ breaks }: FileFinding): string => breaks.replace(/\d+/g, '');

/** Values of another sign-in than the wanted one are no fault where they are about to be changed. */
const isAboutJob = ({ code }: FileFinding): boolean => code.startsWith('other-');

/** Everything in the files of a site that breaks signing in, each file by itself and all of them together. */
function lintSite(files: SiteFiles, job: SignInJob): readonly FileFinding[] {
  const { prosody, nginx, jitsiConfig } = files;
  return [
    ...lintProsody(prosodySources(prosody), job),
    ...(nginx === undefined ? [] : nginxFindings(nginx, job)),
    ...(jitsiConfig === undefined ? [] : lintJitsiConfig([jitsiConfig], job)),
    ...lintSignIn({ ...prosodyAddresses(prosody, job), pages: pagesOf(jitsiConfig) }),
  ];
}

const nginxFindings = ({ path, source }: ConfigFile, { domain, realm }: SignInJob): readonly FileFinding[] =>
  // A server behind another proxy has no TLS of its own.
  lintNginx([{ name: path, bytes: source }], { domain, realm, tls: 'any' }).map(({ file, ...finding }) => ({
    path: file,
    ...finding,
  }));

const pagesOf = (file: ConfigFile | undefined): readonly SeenAddress[] =>
  file === undefined ? [] : realmsNamed(file.source).map((named) => ({ path: file.path, ...named }));

const prosodySources = (files: readonly ConfigFile[]): readonly ProsodySource[] =>
  files.map(({ path, source }) => ({ path, bytes: source }));

function prosodyAddresses(
  files: readonly ConfigFile[],
  job: SignInJob,
): { issuers: readonly SeenAddress[]; keyAddresses: readonly SeenAddress[] } {
  const facts = signInFacts(prosodySources(files), job);
  const addresses = (option: string, seen: SeenValue | undefined): readonly SeenAddress[] =>
    seen === undefined
      ? []
      : stringsOf(seen).map((address) => ({ path: seen.path, option, address, at: seen.at }));
  return {
    issuers: addresses('asap_accepted_issuers', facts.issuers),
    keyAddresses: addresses('cache_keys_url', facts.keysUrl),
  };
}
