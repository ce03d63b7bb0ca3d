import { aptContext } from './apt-sources.js';
import { build, type ContextFile, digestOfFiles, hasImage } from './docker.js';
import { alone } from './lock.js';
import { announced, type Say } from './progress.js';

/** An image of ours: what it is called, and every file that its content depends on, the Dockerfile among them. */
export interface Recipe {
  readonly name: string;
  readonly files: readonly ContextFile[];
}

/** Builds an image unless one of the same content is there, and gives its name. Any changed byte makes another image. */
export async function ensureImage({ name, files }: Recipe, say: Say): Promise<string> {
  const tag = `orchestrate-lab-${name}:${digestOfFiles(files)}`;
  if (await hasImage(tag)) return tag;
  return alone(`image-${name}`, say, async () => {
    if (await hasImage(tag)) return tag;
    await announced(say, `building the ${name} image`, async () =>
      build(tag, [...files, ...(await aptContext())]),
    );
    return tag;
  });
}
