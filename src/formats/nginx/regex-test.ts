import { compilePattern } from './matcher.js';
import { UnknownPattern } from './pattern.js';
import { readPattern } from './read-pattern.js';

/** A regular expression as it stands in a config file. */
export interface Regex {
  readonly name: string;
  readonly caseless: boolean;
}

/** Whether a regular expression is found in a text (latin1). Throws UnknownPattern for one that is not modelled. */
export type RegexTest = (regex: Regex, text: string) => boolean;

/** A test that compiles each expression once and tries each text on it once. */
export function regexTests(): RegexTest {
  const known = new Map<string, (text: string) => boolean>();
  return (regex, text) => {
    const key = `${regex.caseless} ${regex.name}`;
    let test = known.get(key);
    if (!test) known.set(key, (test = testOf(regex)));
    return test(text);
  };
}

function testOf(regex: Regex): (text: string) => boolean {
  try {
    return remembering(compilePattern(readPattern(regex.name, regex)));
  } catch (error) {
    if (!(error instanceof UnknownPattern)) throw error;
    return () => {
      throw error;
    };
  }
}

function remembering(test: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    const found = known.get(text) ?? test(text);
    known.set(text, found);
    return found;
  };
}
