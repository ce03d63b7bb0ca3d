import type { EditOutcome } from '../../src/formats/outcome.js';
import type { CorpusFile, CorpusFormat } from './corpus.js';

/** What the edits of the sign-in do to one file of the corpus. */
export interface Trial {
  readonly format: CorpusFormat;
  readonly file: CorpusFile;
  /** The host or the domain that the edits are for; empty where the file names none. */
  readonly domain: string;
  /** What was left out of the edits, because the file has no place for it. */
  readonly without?: string;
  readonly outcome: EditOutcome | { readonly is: 'no-host' };
}

const place = ({ line, column }: { readonly line: number; readonly column: number }): string =>
  `${line}:${column}`;

/** The file with the place of a refusal in it: `nginx/a.conf:5:1`. */
export function whereOf({ format, file, outcome }: Trial): string {
  const at = outcome.is === 'refused' ? `:${place(outcome.refusal.at)}` : '';
  return `${format}/${file.name}${at}`;
}

/** `edited`, `already`, `no-host`, or the code of a refusal. */
export const resultOf = ({ outcome }: Trial): string =>
  outcome.is === 'refused' ? outcome.refusal.code : outcome.is;

/** One line of the reviewed table. */
export function rowOf(trial: Trial): string {
  const { domain, without, outcome } = trial;
  const more = outcome.is === 'refused' ? [outcome.refusal.reason] : without ? [`without ${without}`] : [];
  return [whereOf(trial), domain || '-', resultOf(trial), ...more].join('\t');
}
