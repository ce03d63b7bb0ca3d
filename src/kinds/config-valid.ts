import { nginxTest, prosodyTest } from '../dialects/validators.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { ask } from '../probe/probe.js';
import type { Reply } from '../shell/batch.js';

/** A service whose whole configuration must be valid before anything of it is touched. */
export interface ConfigValid {
  readonly of: 'nginx' | 'prosody';
}

/** `nginx -t` passes; `prosodyctl check config` can read its files (exit 2, findings, is what stock Jitsi hosts give). */
export const configValid: CheckKind<ConfigValid> = {
  shape: 'check',
  name: 'config.valid',
  probe: ({ of }) => ask(of === 'nginx' ? nginxTest : prosodyTest, (reply) => judge(of, reply)),
};

function judge(of: 'nginx' | 'prosody', reply: Reply): Verdict {
  const said = [reply.stdout, reply.stderr].map((bytes) => Buffer.from(bytes).toString('utf8')).join('\n');
  const absent = reply.code === 127;
  const broken = of === 'nginx' ? reply.code !== 0 : reply.code === 1;
  if (!absent && !broken) return { ok: true };
  return {
    ok: false,
    hopeless: true,
    because: absent
      ? `${of} is not installed`
      : `the ${of} configuration is already broken, before anything was touched`,
    evidence: said
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-10),
    next: absent
      ? `install Jitsi Meet (and with it ${of}) on this host first`
      : `mend the ${of} configuration, then run the same command again`,
  };
}
