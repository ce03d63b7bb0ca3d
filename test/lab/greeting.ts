import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const giveUpMs = 30_000;
const askAgainMs = 50;

/** Waits until an SSH server greets on a port; Docker's port proxy accepts connections long before that. */
export async function awaitGreeting(address: string, port: number): Promise<void> {
  const giveUpAt = performance.now() + giveUpMs;
  while (!(await greets(address, port))) {
    if (performance.now() > giveUpAt)
      throw new Error(`no SSH server greets on ${address}:${port} after ${giveUpMs / 1000} s`);
    await sleep(askAgainMs);
  }
}

/** RFC 4253, 4.2: the server speaks first, and its line begins with `SSH-`. */
function greets(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    const answer = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.setTimeout(1000, () => answer(false));
    socket.once('data', (chunk) => answer(chunk.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
  });
}
