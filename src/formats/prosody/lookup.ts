import { Refused } from '../outcome.js';
import type { SectionSelector } from './edit.js';
import type { OptionPlace, ProsodyFile, SectionName, Stretch } from './model.js';
import { mucOf } from './muc.js';
import { preppedName } from './name.js';

/** A section of a file that is certain to be there, and to be there once. */
export interface FoundSection {
  readonly name: SectionName;
  /** One, but for the global section: that goes on behind every section in table form. */
  readonly stretches: readonly [Stretch, ...Stretch[]];
}

const sameSection = (left: SectionName, right: SectionName): boolean =>
  left.is === right.is && ('name' in left ? left.name : '') === ('name' in right ? right.name : '');

const refusalAt = (file: ProsodyFile, code: string, reason: string, at: number): Refused =>
  new Refused(code, reason, file.positionOf(at));

/** How a selector reads to a person. */
export function selectorText(selector: SectionSelector): string {
  if (selector === 'global') return 'the global section';
  if ('host' in selector) return `VirtualHost "${selector.host}"`;
  if ('component' in selector) return `Component "${selector.component}"`;
  return `the MUC component of "${selector.muc}"`;
}

const headerAt = (stretch: Stretch | undefined): number => stretch?.header?.start ?? 0;

function nameOf(file: ProsodyFile, selector: Exclude<SectionSelector, 'global'>): string | undefined {
  if ('host' in selector) return selector.host;
  return 'muc' in selector ? mucOf(file, selector.muc) : selector.component;
}

/** Refuses a file in which a section of this kind has a name that could turn out to be any name. */
function refuseComputed(file: ProsodyFile, kind: 'host' | 'component'): void {
  const computed = file.stretches.find(({ section }) => section.is === 'computed' && section.kind === kind);
  if (computed === undefined) return;
  const reason =
    'the name of this section is computed when Prosody runs, so the file does not tell which one it is';
  throw refusalAt(file, 'computed-name', reason, headerAt(computed));
}

/**
 * The section that a selector means, or undefined when the file has none of that name.
 *
 * @throws Refused when the file does not tell for certain.
 */
export function findSection(file: ProsodyFile, selector: SectionSelector): FoundSection | undefined {
  const [hazard] = file.hazards;
  if (hazard) throw refusalAt(file, hazard.code, hazard.reason, hazard.at);
  const [first] = file.stretches;
  if (first === undefined) throw new Error('a file without a global section');
  if (selector === 'global') {
    const rest = file.stretches.slice(1).filter(({ section }) => section.is === 'global');
    return { name: first.section, stretches: [first, ...rest] };
  }
  const kind = 'host' in selector ? 'host' : 'component';
  refuseComputed(file, kind);
  const name = preppedName(nameOf(file, selector) ?? '');
  const named = file.stretches.filter(({ section }) => 'name' in section && section.name === name);
  const [only, other] = named;
  if (only === undefined) return undefined;
  if (named.some(({ section }) => section.is !== kind)) {
    const reason = `"${name}" is ${only.section.is === 'host' ? 'a VirtualHost' : 'a Component'} here`;
    throw refusalAt(file, 'wrong-kind-of-section', reason, headerAt(only));
  }
  if (other) {
    const reason = `${selectorText(selector)} is in this file twice`;
    throw refusalAt(file, 'duplicate-section', reason, headerAt(other));
  }
  return { name: only.section, stretches: [only] };
}

/** The same where the section must be there. */
export function requireSection(file: ProsodyFile, selector: SectionSelector): FoundSection {
  const found = findSection(file, selector);
  if (found) return found;
  const reason = `${selectorText(selector)} is not in this file${othersOf(file, selector)}`;
  throw refusalAt(file, 'section-not-found', reason, 0);
}

/** The hosts, or the components, that are there instead: a few, and none where there are none. */
function othersOf({ stretches }: ProsodyFile, selector: SectionSelector): string {
  const kind = selector !== 'global' && 'host' in selector ? 'host' : 'component';
  const names = stretches.flatMap(({ section }) => (section.is === kind ? [`"${section.name}"`] : []));
  return names.length === 0 ? '' : `; it has ${[...new Set(names)].slice(0, 5).join(', ')}`;
}

/**
 * Where a section gives an option its value: in the last place, since a later assignment replaces an earlier one.
 *
 * @throws Refused when code decides whether it does.
 */
export function optionPlace(
  file: ProsodyFile,
  section: FoundSection,
  option: string,
): OptionPlace | undefined {
  const last = placesOf(section, option).at(-1);
  const conditional = file.conditional.find((candidate) => {
    if (candidate.option !== option) return false;
    if (candidate.section === undefined) return true;
    return sameSection(candidate.section, section.name) && candidate.at > (last?.start ?? -1);
  });
  if (conditional === undefined) return last;
  const reason = `whether \`${option}\` is set here depends on code`;
  throw refusalAt(file, 'conditional-option', reason, conditional.at);
}

/** Every place in which a section gives an option a value, in order. */
export const placesOf = ({ stretches }: FoundSection, option: string): readonly OptionPlace[] =>
  stretches.flatMap(({ options }) => options.filter((place) => place.option === option));
