import { open } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failed } from '../model/failure.js';
import {
  fingerprint,
  isFor,
  type KnownHost,
  type KnownName,
  keyType,
  knownHostLine,
  knownName,
  readKnownHosts,
  typeName,
} from './known-hosts.js';
import type { SshTarget } from './ssh-config.js';

// Long because whether a key is believed is one decision over all its cases, to be read in one place.

/** What a host key is to us. */
export type HostKeyVerdict =
  | { readonly is: 'trusted' }
  | { readonly is: 'revoked'; readonly entry: KnownHost }
  | { readonly is: 'changed'; readonly known: readonly KnownHost[] }
  | { readonly is: 'unknown' };

/** What the files of known hosts say about one host, and the judgement of the key that it shows. */
export interface HostKeyJudge {
  /** Names of the signature algorithms to ask for: only those of known keys; null when no key is known. */
  readonly algorithms: readonly string[] | null;
  /** May the connection go on? Called by ssh2 during the key exchange; the answer is exact, true or false. */
  accepts(key: Buffer): boolean;
  /** Why {@link accepts} last said no; null when it did not. */
  refusal(): Failed | null;
  /** The failure for a host which has no key of a known type any more. */
  noKnownType(said: string): Failed;
  /** Records a key that was accepted as new, after the login has succeeded. Returns the file, or null. */
  pin(): Promise<{ readonly file: string; readonly key: string } | null>;
}

/** The signature algorithms of each type of host key that ssh2 and we accept. No SHA-1. */
const algorithmsOf: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Judges host keys by the known hosts. Each file is read once; what is pinned counts from then on. */
export interface HostKeys {
  /**
   * @throws Failed `unreachable` when a file cannot be read, or when the host is known only through something we
   *   cannot check: a certificate authority, or a type of key that ssh2 does not know
   */
  judge(label: string, target: SshTarget): Promise<HostKeyJudge>;
}

/** @param acceptNew pins the keys of hosts that are not known at all; never a key that differs from a known one */
export function hostKeys(acceptNew: boolean): HostKeys {
  const files = new Map<string, Promise<readonly KnownHost[]>>();
  const pinned: KnownHost[] = [];
  const read = (file: string): Promise<readonly KnownHost[]> => {
    const reading = files.get(file) ?? readKnownHosts(file);
    files.set(file, reading);
    return reading;
  };

  return {
    async judge(label, target) {
      const name = knownName(target.address, target.port, target.hostKeyAlias);
      const places = [...target.userKnownHosts, ...target.globalKnownHosts];
      const entries = (await Promise.all(places.map(read))).flat();
      return judgeFor({ label, target, name, acceptNew, entries: () => [...entries, ...pinned], pinned });
    },
  };
}

interface Case {
  readonly label: string;
  readonly target: SshTarget;
  readonly name: KnownName;
  readonly acceptNew: boolean;
  readonly entries: () => readonly KnownHost[];
  readonly pinned: KnownHost[];
}

function judgeFor(at: Case): HostKeyJudge {
  const { exact, plain } = trustedOf(at.entries(), at.name);
  const known = exact.length > 0 ? exact : plain;
  refuseUncheckable(at, known);
  let refusal: Failed | null = null;
  let fresh: Buffer | null = null;

  return {
    algorithms: algorithmsFor(exact, plain),
    accepts(key) {
      const verdict = verdictOn(key, at.entries(), at.name);
      fresh = verdict.is === 'unknown' && at.acceptNew ? key : null;
      if (verdict.is === 'trusted' || fresh !== null) return true;
      refusal = refusalOf(at, key, verdict);
      return false;
    },
    refusal: () => refusal,
    noKnownType: (said) => typeRefusal(at, known, said),
    pin: () => (fresh === null ? Promise.resolve(null) : pinKey(at, fresh)),
  };
}

const trustedOf = (
  entries: readonly KnownHost[],
  name: KnownName,
): { readonly exact: readonly KnownHost[]; readonly plain: readonly KnownHost[] } => {
  const plainKeys = entries.filter((entry) => entry.marker === 'none');
  return {
    exact: plainKeys.filter((entry) => isFor(entry, name.exact)),
    plain: name.plain === null ? [] : plainKeys.filter((entry) => isFor(entry, name.plain ?? '')),
  };
};

/** Only the known types: otherwise a host that also has another key would look changed. */
function algorithmsFor(exact: readonly KnownHost[], plain: readonly KnownHost[]): readonly string[] | null {
  const inOrder = (entries: readonly KnownHost[]): readonly string[] =>
    Object.entries(algorithmsOf)
      .filter(([type]) => entries.some((entry) => entry.type === type))
      .flatMap(([, names]) => names);
  if (exact.length > 0) return inOrder(exact);
  if (plain.length === 0) return null;
  const preferred = inOrder(plain);
  return [
    ...preferred,
    ...Object.values(algorithmsOf)
      .flat()
      .filter((name) => !preferred.includes(name)),
  ];
}

/** Judges one key, as OpenSSH's `check_host_key` does. */
export function verdictOn(key: Buffer, entries: readonly KnownHost[], name: KnownName): HostKeyVerdict {
  const names = name.plain === null ? [name.exact] : [name.exact, name.plain];
  const revoked = entries.find(
    (entry) => entry.marker === 'revoked' && entry.key.equals(key) && names.some((one) => isFor(entry, one)),
  );
  if (revoked !== undefined) return { is: 'revoked', entry: revoked };
  const { exact, plain } = trustedOf(entries, name);
  if ([...exact, ...plain].some((entry) => entry.key.equals(key))) return { is: 'trusted' };
  return exact.length > 0 ? { is: 'changed', known: exact } : { is: 'unknown' };
}

function refuseUncheckable(at: Case, known: readonly KnownHost[]): void {
  if (known.some((entry) => entry.type in algorithmsOf)) return;
  const authority = at
    .entries()
    .find((entry) => entry.marker === 'cert-authority' && isFor(entry, at.name.exact));
  if (authority !== undefined) {
    throw new Failed({
      reason: 'unreachable',
      what: `the host key of ${at.label} is vouched for by a certificate authority, which orchestrate cannot check`,
      evidence: [`@cert-authority ${fingerprintOf(authority)} (${authority.place})`],
      next: `add the machine's own key beside it: ${scanCommand(at)}`,
    });
  }
  if (known.length === 0) return;
  throw new Failed({
    reason: 'unreachable',
    what: `the host key of ${at.label} is known only by a type of key that orchestrate cannot check`,
    evidence: known.map((entry) => `${entry.type} ${fingerprint(entry.key)} (${entry.place})`),
    next: `add a key of another type: ${scanCommand(at)}`,
  });
}

const fingerprintOf = (entry: KnownHost): string => `${typeName(entry.type)} ${fingerprint(entry.key)}`;

const scanCommand = (at: Case): string => {
  const port = at.target.port === 22 ? '' : `-p ${at.target.port} `;
  return `\`ssh-keyscan ${port}${at.target.address} >> ${knownHostsFile(at)}\``;
};

const knownHostsFile = (at: Case): string => at.target.userKnownHosts[0] ?? '~/.ssh/known_hosts';

const forgetCommand = (at: Case): string => `\`ssh-keygen -f '${knownHostsFile(at)}' -R '${at.name.exact}'\``;

function refusalOf(at: Case, key: Buffer, verdict: Exclude<HostKeyVerdict, { is: 'trusted' }>): Failed {
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

function typeRefusal(at: Case, known: readonly KnownHost[], said: string): Failed {
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

async function pinKey(at: Case, key: Buffer): Promise<{ file: string; key: string }> {
  const file = knownHostsFile(at);
  // Another connection of this run may have pinned a key for the same name meanwhile.
  const verdict = verdictOn(key, at.entries(), at.name);
  if (verdict.is === 'trusted') return { file, key: fingerprint(key) };
  if (verdict.is !== 'unknown') throw refusalOf(at, key, verdict);
  at.pinned.push({ marker: 'none', names: at.name.exact, type: keyType(key), key, place: file });
  try {
    await append(file, knownHostLine(at.name.exact, key, at.target.hashKnownHosts));
  } catch (error) {
    throw new Failed({
      reason: 'unreachable',
      what: `the new host key of ${at.label} cannot be recorded in ${file}`,
      evidence: [(error as Error).message],
      next: 'make the file writable, or name another one with knownHosts in the inventory',
    });
  }
  return { file, key: `${typeName(keyType(key))} ${fingerprint(key)}` };
}

/** Appends a whole line in one write, so that several runs at once do not mix theirs. */
async function append(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = size === 0 ? '\n' : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    await handle.appendFile(last === '\n' ? line : `\n${line}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
