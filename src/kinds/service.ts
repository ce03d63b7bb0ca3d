import { nginxTest, prosodyTest } from '../dialects/validators.js';
import { unitAction } from '../dialects/systemd.js';
import type { ReactionKind, Remote } from '../model/kind.js';
import { sh } from '../shell/sh.js';

/** A systemd unit. */
export type Service = {
  readonly unit: string;
  /** Asked right before: a service is never restarted into a config that cannot be read. */
  readonly gate?: 'nginx' | 'prosody';
  /** What the plan tells people about it. */
  readonly warning?: string;
};

/** Restarts a unit once after a change. */
export const serviceRestart: ReactionKind<Service> = serviceReaction('restart');

/** Reloads a unit once after a change. */
export const serviceReload: ReactionKind<Service> = serviceReaction('reload');

function serviceReaction(action: 'restart' | 'reload'): ReactionKind<Service> {
  return {
    shape: 'reaction',
    name: `service.${action}`,
    warn: ({ warning }) => (warning === undefined ? [] : [warning]),
    fire: async ({ unit, gate }, remote) => {
      if (gate !== undefined) await passGate(gate, remote);
      await remote.must(unitAction(action, unit), {
        what: `systemctl ${action} ${unit}`,
        next: `see \`journalctl -u ${unit}\` on the host`,
      });
    },
  };
}

/** Only exit 1 of prosodyctl means that the configuration cannot be read; 2 is what every stock Jitsi host gives. */
async function passGate(gate: 'nginx' | 'prosody', remote: Remote): Promise<void> {
  const test = gate === 'nginx' ? nginxTest : sh`${prosodyTest}; [ $? -ne 1 ]`;
  await remote.must(test, {
    what: `the test of the ${gate} configuration`,
    next: `mend the ${gate} configuration first; the service still runs on what it had read`,
  });
}
