import type { Host } from '../lab/host.js';
import { must } from '../lab/host.js';
import { type LabKeycloak, labKeycloak } from './lab-keycloak.js';

/** One thing that is wrong on a host whose sign-in works otherwise. */
export interface Fault {
  readonly title: string;
  /** Its number in the list of what goes wrong when the published recipe is followed. */
  readonly recipe?: number;
  /** The rule that must name it. */
  readonly cause: string;
  /** Where the root is. */
  readonly where: RegExp;
  /** Shell that makes it; `$D` is the domain, `$P`, `$N` and `$C` the files of Prosody, nginx and config.js. */
  readonly plant?: string;
  /** Shell that takes back what is not in those files. */
  readonly heal?: string;
  /** What has read the files before the proof is asked, and reads them again afterwards. */
  readonly reads?: 'prosody' | 'nginx' | 'nothing';
  /** Changes Keycloak; gives the way back. */
  readonly inKeycloak?: (keycloak: LabKeycloak) => Promise<() => Promise<void>>;
}

const names =
  'D=$(hostname); P=/etc/prosody/conf.avail/$D.cfg.lua; N=/etc/nginx/sites-available/$D.conf; C=/etc/jitsi/meet/$D-config.js';

/** Waits at most a minute for a command to succeed. */
export function until(command: string): string {
  return `n=0; until ${command}; do n=$((n + 1)); [ $n -lt 600 ] || { echo 'never: ${command.replaceAll("'", '')}' >&2; exit 1; }; sleep 0.1; done`;
}

/** Waits until Prosody answers: a reload in the moment of its start ends it. */
export const prosodyUp = until('curl -sf -o /dev/null -H "Host: $D" http://127.0.0.1:5280/http-bind');

/** Waits until what is written now is later, in whole seconds, than what was started before. */
export const nextSecond = `t=$(date +%s); ${until('[ $(date +%s) -ge $((t + 3)) ]')}`;

const again: Readonly<Record<NonNullable<Fault['reads']>, string>> = {
  prosody: 'systemctl reset-failed prosody; systemctl restart prosody || :',
  nginx: 'if nginx -t -q 2>/dev/null; then systemctl reload-or-restart nginx; fi',
  nothing: ':',
};

/** A host on which faults are made and taken back. */
export interface FaultyHost {
  plant(fault: Fault): Promise<void>;
  heal(fault: Fault): Promise<void>;
}

/** Keeps a copy of the files as they are now; they are what every fault is taken back to. */
export async function faultyHost(host: Host): Promise<FaultyHost> {
  const keycloak = labKeycloak(host);
  const run = (script: string): Promise<string> => must(host, `${names}\n${script}`);
  await run('mkdir -p /root/good; for f in $P $N $C; do cp -a $f /root/good/; done');
  const ways = new Map<Fault, () => Promise<void>>();
  return {
    async plant(fault) {
      if (fault.inKeycloak !== undefined) ways.set(fault, await fault.inKeycloak(keycloak));
      await run(`${fault.plant ?? ''}\n${again[fault.reads ?? 'nothing']}`);
    },
    async heal(fault) {
      await run(fault.heal ?? '');
      // Only what differs: a file that is written anew counts as changed.
      await run('for f in $P $N $C; do cmp -s /root/good/${f##*/} $f || cat /root/good/${f##*/} >$f; done');
      await run(
        fault.reads === 'prosody' ? `${again.prosody}\n${prosodyUp}` : again[fault.reads ?? 'nothing'],
      );
      await ways.get(fault)?.();
      ways.delete(fault);
    },
  };
}
