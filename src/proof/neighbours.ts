import { askJicofo, type Neighbours, neighboursIn, readNeighbours } from '../dialects/jitsi-neighbours.js';
import { Unmet } from '../dialects/unmet.js';
import { glimpse } from '../dialects/web-site.js';
import { silence } from '../model/failure.js';
import type { Remote } from '../model/kind.js';
import type { HttpResponse } from '../shell/http-request.js';
import { patiently } from './patience.js';

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
  const isWell = (answer: HttpResponse | null): boolean => answer === null || answer.status === 200;
  const answer = await patiently(
    {
      ask: () => remote.http(askJicofo).catch(unasked),
      isEnough: isWell,
      withinMs: comeBackMs,
      telling: 'waiting for Jicofo and the bridge to be connected again',
    },
    remote,
  );
  if (answer === null || isWell(answer)) return;
  throw new Unmet('Jicofo', 'is not well again', {
    evidence: [glimpse(answer)],
    next: 'see `journalctl -u jicofo -u jitsi-videobridge2`: it needs Prosody and at least one bridge',
  });
}

function unasked(error: unknown): null {
  silence(error);
  return null;
}
