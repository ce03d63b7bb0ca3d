import { pathToFileURL } from 'node:url';
import { ensureChromium } from './chromium.js';
import { clean } from './clean.js';
import { ensureEngine, ensureInotify } from './engine.js';
import { ensureHostImage } from './host-image.js';
import { ensureJudges } from './judges.js';
import { ensureKeycloakArchive } from './keycloak-image.js';
import { ensureLoadedVolume } from './loaded-volume.js';
import { type Say, sayOnStderr } from './progress.js';
import { ensureSshdImage } from './sshd-image.js';

/** What a run of the lab may need beyond the smallest machine: the stock host, a browser, Keycloak's image and archive. */
export const preparable = ['judges', 'browser', 'host', 'keycloak'] as const;

/** One of {@link preparable}. */
export type Preparable = (typeof preparable)[number];

/** Makes everything that is missing, and removes what earlier runs left behind. With all of it there: a second or two. */
export async function prepare(parts: readonly Preparable[], say: Say = sayOnStderr): Promise<void> {
  if (parts.includes('judges')) await ensureJudges(say);
  if (parts.includes('browser')) await ensureChromium(say);
  await ensureEngine(say);
  await ensureInotify(say);
  const { containers } = await clean('leftovers');
  if (containers.length > 0) say(`removed what an earlier run left behind: ${containers.join(', ')}`);
  await ensureSshdImage(say);
  const host = parts.includes('host') ? await ensureHostImage(say) : undefined;
  if (!parts.includes('keycloak')) return;
  await ensureKeycloakArchive(say);
  if (host !== undefined) await ensureLoadedVolume(host.name, say);
}

function isPreparable(name: string): name is Preparable {
  return (preparable as readonly string[]).includes(name);
}

/** Reads `[--with host,keycloak]`. */
function partsOf(args: readonly string[]): readonly Preparable[] {
  const [flag, list, ...rest] = args;
  if (flag === undefined) return [];
  const parts = (list ?? '').split(',');
  if (flag !== '--with' || rest.length > 0 || !parts.every(isPreparable)) {
    throw new Error(`usage: prepare.ts [--with ${preparable.join(',')}]`);
  }
  return parts;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await prepare(partsOf(process.argv.slice(2)));
  } catch (error) {
    sayOnStderr(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
