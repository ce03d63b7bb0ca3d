import { Refused } from '../../../src/formats/outcome.js';
import type { ProsodyFile } from '../../../src/formats/prosody/model.js';
import { readProsody } from '../../../src/formats/prosody/read.js';
import { textOf } from '../../../src/formats/source.js';

/** The file as Prosody reads it, or the refusal. */
export function readOrRefusal(bytes: Uint8Array): ProsodyFile | Refused {
  try {
    return readProsody(textOf(bytes));
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

/** The names of the virtual hosts that a file names outright, each once. */
export const hostsOf = (file: ProsodyFile): readonly string[] => [
  ...new Set(file.stretches.flatMap(({ section }) => (section.is === 'host' ? [section.name] : []))),
];
