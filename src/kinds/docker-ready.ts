import { askEngine, engineVersion } from '../dialects/docker/engine.js';
import { lastLines } from '../lib/printable.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { ask } from '../probe/probe.js';

/** Nothing to say about it: every host is asked the same. */
export type DockerReady = Readonly<Record<string, never>>;

/** Docker is installed, runs, and answers root. */
export const dockerReady: CheckKind<DockerReady> = {
  shape: 'check',
  name: 'docker.ready',
  probe: () =>
    ask(askEngine, (reply): Verdict => {
      const version = engineVersion(reply);
      if (version !== null) return { ok: true, note: `Docker ${version}` };
      if (reply.code === 127) {
        return {
          ok: false,
          because: 'Docker is not installed',
          next: 'as root on Debian or Ubuntu: apt-get update && apt-get install -y docker.io',
          hopeless: true,
        };
      }
      return {
        ok: false,
        because: 'Docker is installed, but its engine does not answer root',
        evidence: lastLines(reply.stderr, 5),
        next: 'as root: systemctl enable --now docker (missing? apt-get update && apt-get install -y docker.io)',
      };
    }),
};
