import type { Session, Transport } from '../engine/ports.js';
import type { Host } from '../model/host.js';
import type { Vault } from '../shell/secret.js';
import { connectFailure } from './connect-failure.js';
import { keyRing } from './credentials.js';
import type { Finding } from './finding.js';
import { openGate } from './gate.js';
import { hostKeys } from './host-key.js';
import { openSession } from './session.js';
import { type Dial, LinkFailure, openLink } from './ssh.js';
import { sshConfig } from './ssh-config.js';
import type { SshEnvironment, SshTarget } from './ssh-target.js';

/** Logins under way at once, over all hosts. */
const loginsAtOnce = 8;

/** How the transport behaves. */
export interface TransportOptions {
  readonly vault: Vault;
  /** `--accept-new-host-keys`: the key of a host that is not known at all is recorded and trusted. */
  readonly acceptNewHostKeys: boolean;
  readonly onFinding: (finding: Finding) => void;
  /** Between two signs of life on a quiet connection; 15 s when absent. */
  readonly keepaliveMs?: number;
  /** Where home, `ssh` and the agent are. */
  readonly env: SshEnvironment;
}

/** Sessions over SSH. One transport for a run: configs, keys and known hosts are read once. */
export function openSshTransport(options: TransportOptions): Transport {
  const { vault, acceptNewHostKeys, onFinding, env, keepaliveMs = 15_000 } = options;
  const config = sshConfig(env);
  const keys = keyRing();
  const judges = hostKeys(acceptNewHostKeys);
  const gate = openGate(loginsAtOnce);

  return {
    async connect(host: Host, signal?: AbortSignal): Promise<Session> {
      const target = await config.target(host);
      const label = labelOf(host, target);
      const [credentials, hostKey] = await Promise.all([
        keys.credentialsFor(label, target),
        judges.judge(label, target),
      ]);
      const { connectTimeoutMs } = host.login;
      const dial = { target, connectTimeoutMs, keepaliveMs, credentials, hostKey, gate };
      const link = await connect(label, dial, signal);
      try {
        const pin = await hostKey.pin();
        if (pin !== null) onFinding(pinned(host.name, label, pin));
      } catch (error) {
        await link.close();
        throw error;
      }
      const sudo = host.become && target.user !== 'root';
      return openSession({ link, host: host.name, label, user: target.user, sudo, vault, onFinding });
    },
  };

  async function connect(label: string, dial: Dial, signal: AbortSignal | undefined) {
    try {
      return await openLink(dial, signal);
    } catch (error) {
      throw error instanceof LinkFailure ? connectFailure(label, dial, error, vault) : error;
    }
  }
}

/** The host as messages name it: `meet-1 (192.0.2.10 port 22)`. */
const labelOf = (host: Host, { address, port }: SshTarget): string =>
  `${host.name} (${address} port ${port})`;

const pinned = (host: string, label: string, { file, key }: { file: string; key: string }): Finding => ({
  host,
  code: 'host-key-pinned',
  what: `the host key of ${label} was not known and is trusted from now on: ${key}, recorded in ${file}`,
  next: 'compare it with what `ssh-keygen -lf` prints for the key files in /etc/ssh on the machine itself',
});
