import { editProsody } from '../../../src/formats/prosody/apply.js';
import { findMuc } from '../../../src/formats/prosody/muc.js';
import { Refused } from '../../../src/formats/outcome.js';
import { type CorpusFile, corpusOf } from '../corpus.js';
import type { Trial } from '../trial.js';
import { hostsOf, readOrRefusal } from './hosts.js';
import { type SignIn, signInEdits, signInOf } from './sign-in.js';

/** A trial with what was asked for; the MUC only where the file has it. */
export interface ProsodyTrial extends Trial {
  readonly signIn: SignIn | undefined;
}

const withoutHost = (file: CorpusFile, outcome: Trial['outcome']): ProsodyTrial => ({
  format: 'prosody',
  file,
  domain: '',
  signIn: undefined,
  outcome,
});

function trialFor(file: CorpusFile, domain: string): ProsodyTrial {
  const base = { format: 'prosody', file, domain } as const;
  let signIn = signInOf(domain);
  try {
    signIn = { ...signIn, muc: findMuc(file.bytes, domain) !== undefined };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ...base, signIn, outcome: { is: 'refused', refusal: error } };
  }
  const outcome = editProsody(file.bytes, signInEdits(signIn));
  return { ...base, signIn, ...(signIn.muc ? {} : { without: 'MUC' }), outcome };
}

/** The trials for every host of every file of the corpus. */
export const prosodyTrials = (): readonly ProsodyTrial[] =>
  corpusOf('prosody').flatMap((file): readonly ProsodyTrial[] => {
    const read = readOrRefusal(file.bytes);
    if (read instanceof Refused) return [withoutHost(file, { is: 'refused', refusal: read })];
    const hosts = hostsOf(read);
    if (hosts.length > 0) return hosts.map((host) => trialFor(file, host));
    const isComputed = read.stretches.some(
      ({ section }) => section.is === 'computed' && section.kind === 'host',
    );
    return [isComputed ? trialFor(file, 'meet.example.com') : withoutHost(file, { is: 'no-host' })];
  });
