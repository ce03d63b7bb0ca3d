import { Failed } from '../model/failure.js';
import type { HostKeyVerdict } from './host-key-verdict.js';
import { fingerprint, type KnownHost, type KnownName, keyType, typeName } from './known-hosts.js';
import type { SshTarget } from './ssh-target.js';

/** The host whose key is judged. */
export interface Shown {
  /** The host for messages, with its address. */
  readonly label: string;
  readonly target: SshTarget;
  readonly name: KnownName;
}

/** The failure for a host that is known only through something that ssh2 cannot check. */
export function uncheckable(
  at: Shown,
  known: readonly KnownHost[],
  authorities: readonly KnownHost[],
): Failed {
  const [authority] = authorities;
  if (known.length === 0 && authority !== undefined) {
    return new Failed({
      reason: 'unreachable',
      what: `the host key of ${at.label} is vouched for by a certificate authority, which orchestrate cannot check`,
      evidence: [`@cert-authority ${fingerprintOf(authority)} (${authority.place})`],
      next: `add the machine's own key beside it: ${scanCommand(at)}`,
    });
  }
  return new Failed({
    reason: 'unreachable',
    what: `the host key of ${at.label} is known only by a type of key that orchestrate cannot check`,
    evidence: known.map((entry) => `${entry.type} ${fingerprint(entry.key)} (${entry.place})`),
    next: `add a key of another type: ${scanCommand(at)}`,
  });
}

const fingerprintOf = (entry: KnownHost): string => `${typeName(entry.type)} ${fingerprint(entry.key)}`;

const scanCommand = (at: Shown): string => {
  const port = at.target.port === 22 ? '' : `-p ${at.target.port} `;
  return `\`ssh-keyscan ${port}${at.target.address} >> ${knownHostsFile(at)}\``;
};

const knownHostsFile = (at: Shown): string => at.target.userKnownHosts[0] ?? '~/.ssh/known_hosts';

const forgetCommand = (at: Shown): string =>
  `\`ssh-keygen -f '${knownHostsFile(at)}' -R '${at.name.exact}'\``;

/** The failure for a key that is not trusted, with what a person needs to judge it. */
export function refusalOf(
  at: Shown,
  key: Buffer,
  verdict: Exclude<HostKeyVerdict, { is: 'trusted' }>,
): Failed {
  const shown = `${typeName(keyType(key))} ${fingerprint(key)}`;
  switch (verdict.is) {
    case 'revoked':
      return new Failed({
        reason: 'unreachable',
        what: `${at.label} shows a host key that is revoked`,
        evidence: [`shown:   ${shown}`, `revoked: ${fingerprintOf(verdict.entry)} (${verdict.entry.place})`],
        next: 'do not log in: somebody may hold that key; give the machine a new host key, then make it known',
      });
    case 'changed':
      return new Failed({
        reason: 'unreachable',
        what: `the host key of ${at.label} has changed`,
        evidence: [
          ...verdict.known.map((entry) => `known: ${fingerprintOf(entry)} (${entry.place})`),
          `shown: ${shown}`,
        ],
        next:
          'find out why (the machine was set up anew, or somebody is in between); only if the shown key is what ' +
          `\`ssh-keygen -lf ${keyFile(key)}\` prints on the machine itself: ${forgetCommand(at)}, then ` +
          scanCommand(at),
      });
    case 'unknown':
      return new Failed({
        reason: 'unreachable',
        what: `the host key of ${at.label} is not known`,
        evidence: [
          `shown: ${shown}`,
          `not in: ${[...at.target.userKnownHosts, ...at.target.globalKnownHosts].join(', ')}`,
        ],
        next:
          `compare it with what \`ssh-keygen -lf ${keyFile(key)}\` prints on the machine itself, then ` +
          `${scanCommand(at)}, or run once with --accept-new-host-keys`,
      });
  }
}

/** The failure for a host that shows no key of a type by which it is known. */
export function typeRefusal(at: Shown, known: readonly KnownHost[], said: string): Failed {
  return new Failed({
    reason: 'unreachable',
    what: `${at.label} has no host key of a type by which it is known`,
    evidence: [...known.map((entry) => `known: ${fingerprintOf(entry)} (${entry.place})`), said],
    next:
      'find out why (the machine was set up anew, or somebody is in between); if that is right: ' +
      `${forgetCommand(at)}, then ${scanCommand(at)}`,
  });
}

const keyFile = (key: Buffer): string => `/etc/ssh/ssh_host_${typeName(keyType(key)).toLowerCase()}_key.pub`;
