import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from './cache.js';
import type { Say } from './progress.js';

const askAgainMs = 250;

/**
 * Does work that two runs of the lab on one machine must not do at once. The lock is a listening socket: on Linux in
 * the abstract namespace, where the kernel gives it back however its holder ends.
 */
export async function alone<T>(name: string, say: Say, work: () => Promise<T>): Promise<T> {
  const address =
    process.platform === 'linux' ? `\0orchestrate-lab-${name}` : join(await cacheFolder(), `${name}.sock`);
  let held = await take(address);
  if (held === undefined) say(`waiting for another run of the lab (${name})`);
  while (held === undefined) {
    await sleep(askAgainMs);
    held = await take(address);
  }
  try {
    return await work();
  } finally {
    held.close();
    await once(held, 'close');
  }
}

async function take(address: string): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen(address);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}
