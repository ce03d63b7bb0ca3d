import { editJitsiConfig } from '../../../src/formats/jitsi-config/index.js';
import { corpusOf } from '../corpus.js';
import type { Trial } from '../trial.js';
import { signIn, signInDomain } from './sign-in.js';

/** The trials of every config.js of the corpus, all for one domain. */
export const jitsiConfigTrials = (): readonly Trial[] =>
  corpusOf('jitsi-config').map((file) => ({
    format: 'jitsi-config',
    file,
    domain: signInDomain,
    outcome: editJitsiConfig(file.bytes, signIn),
  }));
