import { worthOf } from '../lua/value.js';
import { Refused } from '../outcome.js';
import { textOf } from '../source.js';
import type { ProsodyFile, Stretch } from './model.js';
import { preppedBytes, preppedName } from './name.js';
import { readProsody } from './read.js';

/** First labels of the MUC components that Jitsi sets up beside the one for meetings. */
const besideMeetings: ReadonlySet<string> = new Set(['internal', 'internal-muc', 'lobby', 'breakout']);

/** A string option as the host sees it: its own, else the global one. */
function optionSeenBy(file: ProsodyFile, host: string, option: string): string | undefined {
  const isOf = (kind: 'host' | 'global') => (stretch: Stretch) =>
    stretch.section.is === kind && (stretch.section.is !== 'host' || stretch.section.name === host);
  for (const kind of ['host', 'global'] as const) {
    const place = file.stretches
      .filter(isOf(kind))
      .flatMap(({ options }) => options)
      .findLast((candidate) => candidate.option === option);
    const worth = place?.value && worthOf(file.chunk.text, place.value);
    if (worth?.is === 'known' && typeof worth.value === 'string') return preppedBytes(worth.value);
  }
  return undefined;
}

/** The name that Jitsi's domain mapper gives to the MUC of a domain (util.lib.lua of the Prosody plugins). */
function mappedMuc(file: ProsodyFile, host: string): string | undefined {
  if (optionSeenBy(file, host, 'muc_mapper_domain_base') !== host) return undefined;
  const prefix = optionSeenBy(file, host, 'muc_mapper_domain_prefix') ?? 'conference';
  return optionSeenBy(file, host, 'muc_mapper_domain') ?? `${prefix}.${host}`;
}

/**
 * The name of the component in which the meetings of a domain take place. What the file says counts first
 * (`main_muc`, then the domain mapper), then the two names that Jitsi has used (`conference.D`, `muc.D`), then the
 * only MUC component left under the domain.
 *
 * @throws Refused when more than one could be it.
 */
export function mucOf(file: ProsodyFile, domain: string): string | undefined {
  const host = preppedName(domain);
  const components = file.stretches.flatMap((stretch) =>
    stretch.section.is === 'component' ? [[stretch.section, stretch] as const] : [],
  );
  // Of two components of one name the last one's module counts.
  const modules = new Map(components.map(([{ name, module }]) => [name, module]));
  const mucs = new Map(
    components.flatMap(([{ name }, stretch]) => (modules.get(name) === 'muc' ? [[name, stretch]] : [])),
  );
  const main = optionSeenBy(file, host, 'main_muc');
  if (main !== undefined && mucs.has(main)) return main;
  const mapped = mappedMuc(file, host);
  if (mapped !== undefined && mucs.has(mapped)) return mapped;
  const usual = [`conference.${host}`, `muc.${host}`].filter((name) => mucs.has(name));
  const candidates = usual.length > 0 ? usual : otherMucs(file, host, [...mucs.keys()]);
  const [only, other] = candidates;
  if (only === undefined || other === undefined) return only;
  const reason = `${candidates.map((name) => `"${name}"`).join(' and ')} could each be the MUC of "${domain}"; \`main_muc\` would tell`;
  throw new Refused('muc-ambiguous', reason, file.positionOf(mucs.get(other)?.header?.start ?? 0));
}

function otherMucs(file: ProsodyFile, host: string, names: readonly string[]): readonly string[] {
  const named = ['lobby_muc', 'breakout_rooms_muc', 'muc_internal'].map((option) =>
    optionSeenBy(file, host, option),
  );
  return names.filter(
    (name) =>
      name.endsWith(`.${host}`) && !named.includes(name) && !besideMeetings.has(name.split('.')[0] ?? ''),
  );
}

/**
 * The name of the component in which the meetings of a domain take place, undefined when it is not in this file.
 *
 * @throws Refused when the file cannot be read, or more than one could be it.
 */
export const findMuc = (source: Uint8Array, domain: string): string | undefined =>
  mucOf(readProsody(textOf(source)), domain);
