import type { Finding } from './outcome.js';

/** A finding, and the file that it is about. */
export interface FileFinding extends Finding {
  readonly path: string;
}

/** A config file as a lint gets it. */
export interface ConfigFile {
  /** How the file is named to a person. */
  readonly path: string;
  readonly source: Uint8Array;
}
