import { askJicofo, type Neighbours, neighboursIn, readNeighbours } from '../dialects/jitsi-neighbours.js';
import { Unmet } from '../dialects/unmet.js';
import { glimpse } from '../dialects/web-site.js';
import { Failed } from '../model/failure.js';
import type { Remote } from '../model/kind.js';
import { pause } from './pause.js';

/** How long Jicofo and the bridge may take to come back after a restart of Prosody. */
export const comeBackMs = 60_000;

/** What else of Jitsi is on the host. */
export const findNeighbours = async (remote: Remote): Promise<Neighbours> =>
  neighboursIn(await remote.run(readNeighbours));

/**
 * Waits until Jicofo says that it is well: connected to Prosody, with a bridge. One that cannot be asked is judged by
 * the rooms that it opens.
 *
 * @throws Unmet when it is not well in time
 */
export async function awaitJicofo(remote: Remote): Promise<void> {
  const until = performance.now() + comeBackMs;
  for (;;) {
    const answer = await remote.http(askJicofo).catch(unasked);
    if (answer === null || answer.status === 200) return;
    if (performance.now() > until) {
      throw new Unmet('Jicofo', 'is not well again', {
        evidence: [glimpse(answer)],
        next: 'see `journalctl -u jicofo -u jitsi-videobridge2`: it needs Prosody and at least one bridge',
      });
    }
    remote.progress('waiting for Jicofo and the bridge to be connected again');
    await pause(1000, remote.signal);
  }
}

function unasked(error: unknown): null {
  if (error instanceof Failed && error.failure.reason === 'command-failed') return null;
  throw error;
}
