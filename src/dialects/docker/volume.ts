import { z } from 'zod';
import { type Sh, sh } from '../../shell/sh.js';
import type { Reply } from '../../shell/batch.js';
import { inspected } from './inspect.js';
import { runLabel } from './name.js';

/** A volume as it was found. */
export interface FoundVolume {
  readonly driver: string;
  /** The run that made it; null when it was not orchestrate. */
  readonly run: string | null;
}

const schema = z
  .object({ Driver: z.string().max(200), Labels: z.record(z.string(), z.string()).nullable() })
  .transform((volume): FoundVolume => ({ driver: volume.Driver, run: volume.Labels?.[runLabel] ?? null }));

/** Reads a volume. */
export const inspectVolume = (name: string): Sh => sh`docker volume inspect ${name}`;

/** What {@link inspectVolume} printed; null when there is none. */
export const foundVolume = (reply: Reply): FoundVolume | null => inspected(reply, schema);

/** Makes a volume that says which run made it. */
export const createVolume = (name: string, run: string): Sh =>
  sh`docker volume create --label ${`${runLabel}=${run}`} ${name} >/dev/null`;

/** Removes a volume. Docker refuses while a container has it. */
export const removeVolume = (name: string): Sh => sh`docker volume rm ${name} >/dev/null`;
