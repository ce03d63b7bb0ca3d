import { worthOf } from '../lua/value.js';
import { unrolled } from './header.js';
import type { PlacedFinding } from './lint-checks.js';
import type { Stretch } from './model.js';
import { type ProsodyView, type ReadFile, valuesIn } from './view.js';

/** Names in the wrong capitals: `Virtualhost "guest.d"`. */
const misspelledNames = ({ path, file, positionOf }: ReadFile): readonly PlacedFinding[] =>
  file.hazards
    .filter(({ code }) => code === 'misspelled-name')
    .map(({ code, reason, at }) => ({
      code,
      path,
      at: positionOf(at),
      breaks: `${reason}: it does not start with this file`,
      fix: 'correct the capitals',
    }));

/** `Component("conference.d", "muc")`: there is no room in it, since Prosody takes only the name from there. */
function ignoredModule(
  { path, file, positionOf }: ReadFile,
  { section, header }: Stretch,
): readonly PlacedFinding[] {
  if (section.is !== 'component' || section.module !== 'component' || header === undefined) return [];
  const second = unrolled(header).calls[0]?.arguments[1];
  const worth = second && worthOf(file.chunk.text, second);
  if (second === undefined || worth?.is !== 'known' || worth.value !== 'muc') return [];
  return [
    {
      code: 'module-ignored',
      path,
      at: positionOf(second.start),
      breaks: `Prosody takes only the name from these parentheses: Component "${section.name}" has no rooms`,
      fix: `write Component "${section.name}" "muc"`,
    },
  ];
}

/** What is wrong with the starts of the sections of one file. */
export const headerFindings = (source: ReadFile): readonly PlacedFinding[] => [
  ...misspelledNames(source),
  ...source.file.stretches.flatMap((stretch) => ignoredModule(source, stretch)),
];

/** A section of the job that Prosody leaves out: `enabled = false`, as its own example has it. */
export const sectionsSwitchedOff = ({ host, meetings }: ProsodyView): readonly PlacedFinding[] =>
  [host, meetings].flatMap((section) => {
    const seen = valuesIn(section, 'enabled').at(-1);
    if (seen?.value !== false) return [];
    const breaks = 'Prosody leaves out a section with `enabled = false`: nobody gets in';
    return [{ code: 'switched-off', path: seen.path, at: seen.at, breaks, fix: 'delete this line' }];
  });
