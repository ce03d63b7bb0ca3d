import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failed } from '../model/failure.js';

/** One line of a known_hosts file, as sshd(8) describes it under "SSH_KNOWN_HOSTS FILE FORMAT". */
export interface KnownHost {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** Names and patterns with commas between, or one `|1|salt|hash`. */
  readonly names: string;
  readonly type: string;
  readonly key: Buffer;
  /** `file:line`, for messages. */
  readonly place: string;
}

/** The names under which a host may be known. */
export interface KnownName {
  /** `host`, or `[host]:port` when the port is not 22. */
  readonly exact: string;
  /** `host` for another port than 22: a key known so is trusted too, but another key is no contradiction. */
  readonly plain: string | null;
}

/** The name under which OpenSSH looks a host up. With an alias the port does not count. */
export function knownName(address: string, port: number, alias: string | null): KnownName {
  const name = (alias ?? address).toLowerCase();
  return alias !== null || port === 22
    ? { exact: name, plain: null }
    : { exact: `[${name}]:${port}`, plain: name };
}

/**
 * Reads a file of known hosts. A file that is not there is empty; lines that do not parse are passed over, as
 * OpenSSH does: a host that is lost by it is unknown, and refused.
 *
 * @throws Failed `unreachable` when the file is there and cannot be read: it may hold a revoked key
 */
export async function readKnownHosts(file: string): Promise<readonly KnownHost[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Failed({
      reason: 'unreachable',
      what: `the known hosts in ${file} cannot be read`,
      evidence: [(error as Error).message],
      next: 'make the file readable: without it no host key can be trusted',
    });
  }
  return text.split('\n').flatMap((line, index) => parseLine(line, `${file}:${index + 1}`) ?? []);
}

function parseLine(line: string, place: string): KnownHost | null {
  const fields = line.trim().split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
  const [names, type, encoded] = fields;
  if (names === undefined || names.startsWith('#') || type === undefined || encoded === undefined)
    return null;
  if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return null;
  const key = Buffer.from(encoded, 'base64');
  // The key names its own type: a line whose two types differ is damaged.
  if (key.length < 4 || key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1') !== type) return null;
  const kind = marker === '@revoked' ? 'revoked' : marker === undefined ? 'none' : 'cert-authority';
  return { marker: kind, names, type, key, place };
}

/** All that the files say about one host. */
export interface Standing {
  readonly exact: readonly KnownHost[];
  /** Under the plain name, for another port than 22. */
  readonly plain: readonly KnownHost[];
  readonly revoked: readonly KnownHost[];
  readonly authorities: readonly KnownHost[];
}

/** Picks the lines that speak of a host. */
export function standingOf(entries: readonly KnownHost[], name: KnownName): Standing {
  const exact = entries.filter((entry) => isFor(entry, name.exact));
  const plain = name.plain === null ? [] : entries.filter((entry) => isFor(entry, name.plain ?? ''));
  const marked = (some: readonly KnownHost[], marker: KnownHost['marker']): readonly KnownHost[] =>
    some.filter((entry) => entry.marker === marker);
  return {
    exact: marked(exact, 'none'),
    plain: marked(plain, 'none'),
    revoked: marked([...exact, ...plain], 'revoked'),
    authorities: marked(exact, 'cert-authority'),
  };
}

/** Whether a line speaks of a host of this name. */
export function isFor(entry: KnownHost, name: string): boolean {
  if (entry.names.startsWith('|')) return isHashOf(entry.names, name);
  let found = false;
  for (const pattern of entry.names.toLowerCase().split(',')) {
    if (!pattern.startsWith('!')) found ||= isMatch(pattern, name);
    else if (isMatch(pattern.slice(1), name)) return false;
  }
  return found;
}

function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return hashName(name, Buffer.from(salt, 'base64')) === hash;
}

const hashName = (name: string, salt: Uint8Array): string =>
  createHmac('sha1', salt).update(name).digest('base64');

/** `*` and `?`, without backtracking: a hostile file costs no time. */
function isMatch(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name;
  let star = -1;
  let starName = 0;
  let at = 0;
  let nameAt = 0;
  while (nameAt < name.length) {
    if (pattern[at] === '*') {
      star = at++;
      starName = nameAt;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[nameAt])) {
      at++;
      nameAt++;
    } else if (star !== -1) {
      at = star + 1;
      nameAt = ++starName;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** What is to be recorded. */
export interface NewKnownHost {
  readonly name: string;
  readonly key: Buffer;
  /** Hide the name, as `HashKnownHosts yes` wants it. */
  readonly hashed: boolean;
}

/** Records a key in a file. The line goes out in one write, so that several runs at once do not mix theirs. */
export async function appendKnownHost(file: string, host: NewKnownHost): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = size === 0 ? '\n' : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    await handle.appendFile(last === '\n' ? lineFor(host) : `\n${lineFor(host)}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function lineFor({ name, key, hashed }: NewKnownHost): string {
  const salt = randomBytes(20);
  const shown = hashed ? `|1|${salt.toString('base64')}|${hashName(name, salt)}` : name;
  return `${shown} ${keyType(key)} ${key.toString('base64')}\n`;
}

/** The type that a public key names itself: `ssh-ed25519`. */
export const keyType = (key: Buffer): string =>
  key.length < 4 ? '' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');

/** What people compare: `SHA256:…`, as `ssh-keygen -l` prints it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The short name of a type: `ED25519`. */
export const typeName = (type: string): string =>
  type.startsWith('ecdsa-') ? 'ECDSA' : type.replace(/^ssh-/, '').toUpperCase();
