import type { Place } from '../formats/prosody/view.js';
import type { Cause } from '../model/failure.js';
import type { Study } from './study.js';
import type { Symptom, SymptomName } from './symptom.js';

/** What a rule found: the root, and the links that lead to it from the symptom. */
export interface Root {
  /** One sentence. */
  readonly what: string;
  readonly where: string;
  /** The edit that mends it. */
  readonly fix: string;
  readonly via?: readonly Cause[];
}

/** One reason why signing in may fail. */
export interface Rule {
  /** Short and stable, in kebab-case; that of the lint's finding where a lint finds it. */
  readonly name: string;
  /** What it may explain. A finding that has nothing to do with what was seen is no reason. */
  readonly explains: readonly SymptomName[];
  /** Pure. null: it is not this. */
  find(study: Study, symptom: Symptom): Root | null;
}

/** Rules that are findings of the lint of one kind of file: same name, same words. */
export const lintRules = (
  of: keyof Study['lint'],
  names: readonly string[],
  explains: readonly SymptomName[],
): readonly Rule[] => names.map((name) => ({ name, explains, find: (study) => lintRoot(study, of, name) }));

/** The first finding of that name. */
export function lintRoot({ lint }: Study, of: keyof Study['lint'], name: string): Root | null {
  const found = lint[of].find(({ code }) => code === name);
  if (found === undefined) return null;
  return { what: found.breaks, where: `${found.path}:${found.at.line}`, fix: found.fix };
}

/** A place in a file, for a person. */
export const placeText = ({ path, at }: Place): string => `${path}:${at.line}`;

/** A field of Keycloak, for a person. */
export const realmField = ({ job }: Study, field: string): string =>
  `Keycloak: realm ${job.realm}, field ${field}`;

/** A field of the client. */
export const clientField = ({ job }: Study, field: string): string =>
  `Keycloak: realm ${job.realm}, client ${job.client}, field ${field}`;

/** A field of the user who signed in. */
export const userField = ({ job }: Study, field: string): string =>
  `Keycloak: realm ${job.realm}, user ${job.username ?? '(none)'}, field ${field}`;

/** The last line that fits. */
export const lastLine = (lines: readonly string[], pattern: RegExp): string | undefined =>
  lines.findLast((line) => pattern.test(line));
