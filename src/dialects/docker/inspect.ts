import type { z } from 'zod';
import { lastLines } from '../../lib/printable.js';
import { Unreadable } from '../../probe/probe.js';
import type { Reply } from '../../shell/batch.js';

/**
 * What `docker … inspect` of one thing printed; null when Docker says that there is no such thing.
 *
 * @throws Unreadable when Docker is not there, does not answer, or says what we do not understand
 */
export function inspected<T>(reply: Reply, schema: z.ZodType<T>): T | null {
  const errors = Buffer.from(reply.stderr).toString('utf8');
  if (reply.code === 127) throw new Unreadable('docker is not installed');
  // Engine 20.10 to 28 and podman's stand-in all say "no such container|volume|image|object".
  if (reply.code !== 0 && /no such (?:container|volume|image|object)/i.test(errors)) return null;
  if (reply.code !== 0) throw new Unreadable(lastLines(errors, 1)[0] ?? `docker ended with ${reply.code}`);
  const [found] = inspectedAll(reply.stdout, schema);
  if (found === undefined) throw new Unreadable('docker answered with an empty list');
  return found;
}

function inspectedAll<T>(stdout: Uint8Array, schema: z.ZodType<T>): readonly T[] {
  const reading = schema.array().safeParse(parsed(Buffer.from(stdout).toString('utf8')));
  if (reading.success) return reading.data;
  const issue = reading.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'its form' : issue.path.join('.');
  throw new Unreadable(
    `docker answered in a form that is not understood (${lastLines(where, 1)[0] ?? 'empty'})`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
