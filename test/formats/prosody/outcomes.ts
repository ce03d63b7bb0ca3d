import { editProsody } from '../../../src/formats/prosody/apply.js';
import { findMuc } from '../../../src/formats/prosody/muc.js';
import { type EditOutcome, Refused } from '../../../src/formats/outcome.js';
import { type CorpusFile, corpus, hostsOf, readOrRefusal } from './corpus.js';
import { type SignIn, signInEdits, signInOf } from './sign-in.js';

/** What the edits of a sign-in do to one file for one of the hosts in it. */
export interface CorpusOutcome {
  readonly file: CorpusFile;
  /** Empty for a file without a host, or that is not Lua. */
  readonly host: string;
  readonly signIn: SignIn | undefined;
  readonly outcome: EditOutcome | { readonly is: 'no-host' };
}

function outcomeFor(file: CorpusFile, host: string): CorpusOutcome {
  let signIn = signInOf(host);
  try {
    signIn = { ...signIn, muc: findMuc(file.bytes, host) !== undefined };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { file, host, signIn, outcome: { is: 'refused', refusal: error } };
  }
  return { file, host, signIn, outcome: editProsody(file.bytes, signInEdits(signIn)) };
}

/** The outcomes for every host of every file of the corpus. */
export const outcomesOf = (files: readonly CorpusFile[]): readonly CorpusOutcome[] =>
  files.flatMap((file): readonly CorpusOutcome[] => {
    const read = readOrRefusal(file.bytes);
    if (read instanceof Refused) {
      return [{ file, host: '', signIn: undefined, outcome: { is: 'refused', refusal: read } }];
    }
    const hosts = hostsOf(read);
    if (hosts.length > 0) return hosts.map((host) => outcomeFor(file, host));
    return [{ file, host: '', signIn: undefined, outcome: { is: 'no-host' } }];
  });

/** The table that is kept beside the tests, and reviewed when it changes. */
export const outcomeTable = (outcomes: readonly CorpusOutcome[]): string =>
  outcomes
    .map(({ file, host, signIn, outcome }) =>
      [
        file.name,
        host || '-',
        signIn?.muc === false ? 'no-muc' : '-',
        outcome.is === 'refused'
          ? `refused ${outcome.refusal.code} ${outcome.refusal.at.line}:${outcome.refusal.at.column}`
          : outcome.is,
      ].join('\t'),
    )
    .join('\n')
    .concat('\n');

if (process.argv[1]?.endsWith('outcomes.ts')) process.stdout.write(outcomeTable(outcomesOf(corpus)));
