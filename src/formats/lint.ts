import type { ConfigFile, FileFinding } from './file-finding.js';
import { lintJitsiConfig, realmsNamed } from './jitsi-config/index.js';
import { lintNginx } from './nginx/lint.js';
import { lintProsody, signInFacts } from './prosody/lint.js';
import { type SeenValue, stringsOf } from './prosody/view.js';
import { lintSignIn, type SeenAddress } from './sign-in-lint.js';
import type { SignInJob } from './sign-in-job.js';

/** The config files of one site, by language; any of them may be missing. */
export interface SiteFiles {
  readonly prosody?: ConfigFile;
  readonly nginx?: ConfigFile;
  readonly jitsiConfig?: ConfigFile;
}

/** Everything in the files of a site that breaks signing in, each file by itself and all of them together. */
export function lintSite(files: SiteFiles, job: SignInJob): readonly FileFinding[] {
  const { prosody, nginx, jitsiConfig } = files;
  return [
    ...(prosody === undefined ? [] : lintProsody([{ path: prosody.path, bytes: prosody.source }], job)),
    ...(nginx === undefined ? [] : nginxFindings(nginx, job)),
    ...(jitsiConfig === undefined ? [] : lintJitsiConfig([jitsiConfig], job)),
    ...lintSignIn({ ...prosodyAddresses(prosody, job), pages: pagesOf(jitsiConfig) }),
  ];
}

const nginxFindings = ({ path, source }: ConfigFile, { domain, realm }: SignInJob): readonly FileFinding[] =>
  lintNginx([{ name: path, bytes: source }], { domain, realm }).map(({ file, ...finding }) => ({
    path: file,
    ...finding,
  }));

const pagesOf = (file: ConfigFile | undefined): readonly SeenAddress[] =>
  file === undefined ? [] : realmsNamed(file.source).map((named) => ({ path: file.path, ...named }));

function prosodyAddresses(
  file: ConfigFile | undefined,
  job: SignInJob,
): { issuers: readonly SeenAddress[]; keyAddresses: readonly SeenAddress[] } {
  if (file === undefined) return { issuers: [], keyAddresses: [] };
  const facts = signInFacts([{ path: file.path, bytes: file.source }], job);
  const addresses = (option: string, seen: SeenValue | undefined): readonly SeenAddress[] =>
    seen === undefined
      ? []
      : stringsOf(seen).map((address) => ({ path: file.path, option, address, at: seen.at }));
  return {
    issuers: addresses('asap_accepted_issuers', facts.issuers),
    keyAddresses: addresses('cache_keys_url', facts.keysUrl),
  };
}
