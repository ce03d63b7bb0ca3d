import { Failed } from '../model/failure.js';
import { refusalOf, type Shown, typeRefusal, uncheckable } from './host-key-failure.js';
import { type HostKeyVerdict, verdictOn } from './host-key-verdict.js';
import {
  appendKnownHost,
  fingerprint,
  type KnownHost,
  type KnownName,
  keyType,
  knownName,
  readKnownHosts,
  type Standing,
  standingOf,
  typeName,
} from './known-hosts.js';
import type { SshTarget } from './ssh-target.js';

/** What the files of known hosts say about one host, and the judgement of the key that it shows. */
export interface HostKeyJudge {
  /** Names of the signature algorithms to ask for: where keys are known, only those of their types. */
  readonly algorithms: readonly string[];
  /** May the connection go on? Called by ssh2 during the key exchange; the answer is exact, true or false. */
  accepts(key: Buffer): boolean;
  /** Why {@link accepts} last said no; null when it did not. */
  refusal(): Failed | null;
  /** The failure for a host which has no key of a known type any more. */
  noKnownType(said: string): Failed;
  /** Records a key that was accepted as new, after the login has succeeded. Null when there was none. */
  pin(): Promise<{ readonly file: string; readonly key: string } | null>;
}

/** The signature algorithms of each type of host key that ssh2 and we accept, the best first. No SHA-1. */
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
      return judgeFor({ shown: { label, target, name }, acceptNew, read: standingOf(entries, name), pinned });
    },
  };
}

interface Case {
  readonly shown: Shown;
  readonly acceptNew: boolean;
  /** What the files say. */
  readonly read: Standing;
  /** What this run has added. */
  readonly pinned: KnownHost[];
}

function judgeFor({ shown, acceptNew, read, pinned }: Case): HostKeyJudge {
  const known = read.exact.length > 0 ? read.exact : read.plain;
  if (!known.some(({ type }) => type in algorithmsOf) && (known.length > 0 || read.authorities.length > 0)) {
    throw uncheckable(shown, known, read.authorities);
  }
  const judge = (key: Buffer): HostKeyVerdict => verdictOn(key, joined(read, standingOf(pinned, shown.name)));
  let refusal: Failed | null = null;
  let fresh: Buffer | null = null;

  return {
    algorithms: algorithmsFor(read),
    accepts(key) {
      const verdict = judge(key);
      fresh = verdict.is === 'unknown' && acceptNew ? key : null;
      if (verdict.is === 'trusted' || fresh !== null) return true;
      refusal = refusalOf(shown, key, verdict);
      return false;
    },
    refusal: () => refusal,
    noKnownType: (said) => typeRefusal(shown, known, said),
    async pin() {
      if (fresh === null) return null;
      const [file = '~/.ssh/known_hosts'] = shown.target.userKnownHosts;
      // Another connection of this run may have pinned a key for the same name meanwhile.
      const verdict = judge(fresh);
      if (verdict.is === 'trusted') return null;
      if (verdict.is !== 'unknown') throw refusalOf(shown, fresh, verdict);
      pinned.push(entryOf(shown.name, fresh, file));
      await record(shown, fresh, file);
      return { file, key: `${typeName(keyType(fresh))} ${fingerprint(fresh)}` };
    },
  };
}

const entryOf = (name: KnownName, key: Buffer, place: string): KnownHost => ({
  marker: 'none',
  names: name.exact,
  type: keyType(key),
  key,
  place,
});

const joined = (a: Standing, b: Standing): Standing => ({
  exact: [...a.exact, ...b.exact],
  plain: [...a.plain, ...b.plain],
  revoked: [...a.revoked, ...b.revoked],
  authorities: [...a.authorities, ...b.authorities],
});

/** Only the known types: otherwise a host that also has another key would look changed. */
function algorithmsFor({ exact, plain }: Standing): readonly string[] {
  const all = Object.values(algorithmsOf).flat();
  const inOrder = (entries: readonly KnownHost[]): readonly string[] =>
    Object.entries(algorithmsOf)
      .filter(([type]) => entries.some((entry) => entry.type === type))
      .flatMap(([, names]) => names);
  if (exact.length > 0) return inOrder(exact);
  return [...new Set([...inOrder(plain), ...all])];
}

async function record({ label, target, name }: Shown, key: Buffer, file: string): Promise<void> {
  try {
    await appendKnownHost(file, { name: name.exact, key, hashed: target.hashKnownHosts });
  } catch (error) {
    throw new Failed({
      reason: 'unreachable',
      what: `the new host key of ${label} cannot be recorded in ${file}`,
      evidence: [(error as Error).message],
      next: 'make the file writable, or name another one with knownHosts in the inventory',
    });
  }
}
