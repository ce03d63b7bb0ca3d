import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import { Failed } from '../model/failure.js';
import { fingerprint, typeName } from './known-hosts.js';
import type { SshTarget } from './ssh-target.js';

const { BaseAgent, OpenSSHAgent, utils } = ssh2;

/** One key that is offered to a host. */
export interface Offer {
  /** For messages: which key, from where, its fingerprint. */
  readonly label: string;
  readonly method:
    | { readonly type: 'publickey'; readonly key: ParsedKey }
    | { readonly type: 'agent'; readonly agent: InstanceType<typeof BaseAgent> };
}

/** What there is to log in with. */
export interface Credentials {
  readonly offers: readonly Offer[];
  /** Keys that were found and cannot be used, each with the reason. */
  readonly unusable: readonly string[];
}

/** Finds keys. Each file is read and parsed once, each agent asked once, however many hosts. */
export interface KeyRing {
  /** @throws Failed `unreachable` when there is nothing to log in with, before the host is touched */
  credentialsFor(label: string, target: SshTarget): Promise<Credentials>;
}

/** What became of a key file. */
type KeyFile =
  | { readonly is: 'key'; readonly path: string; readonly key: ParsedKey }
  | { readonly is: 'absent'; readonly path: string }
  /** `publicKey` comes from the `.pub` file beside it: the agent may hold the key. */
  | {
      readonly is: 'unusable';
      readonly path: string;
      readonly because: string;
      readonly publicKey: Buffer | null;
    };

interface AgentKeys {
  readonly keys: readonly ParsedKey[];
  readonly trouble: string | null;
}

export function keyRing(): KeyRing {
  const files = new Map<string, Promise<KeyFile>>();
  const agents = new Map<string, Promise<AgentKeys>>();
  const once = <T>(
    memory: Map<string, Promise<T>>,
    name: string,
    get: (name: string) => Promise<T>,
  ): Promise<T> => {
    const known = memory.get(name) ?? get(name);
    memory.set(name, known);
    return known;
  };

  return {
    async credentialsFor(label, target) {
      const [found, agent] = await Promise.all([
        Promise.all(target.identityFiles.map((path) => once(files, path, readKeyFile))),
        target.agentSocket === null
          ? { keys: [], trouble: null }
          : once(agents, target.agentSocket, readAgent),
      ]);
      const credentials = arrange(found, agent, target);
      refuseMissing(label, target, found, credentials);
      return credentials;
    },
  };
}

async function readKeyFile(path: string): Promise<KeyFile> {
  let text: string;
  try {
    // OpenSSH refuses such keys too: others may have copied them.
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      return unusable(path, `its mode is ${shown}, others can read it: chmod 600 ${path}`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { is: 'absent', path } : unusable(path, message);
  }
  // Typed as one key or an error; it may be a list of one.
  const [key] = [utils.parseKey(text)].flat();
  if (key === undefined || key instanceof Error) return unparsed(path, key?.message ?? 'it holds no key');
  return key.isPrivateKey() ? { is: 'key', path, key } : unusable(path, 'it holds no private key');
}

async function unparsed(path: string, said: string): Promise<KeyFile> {
  const encrypted = /encrypted/i.test(said);
  const because = encrypted ? `it is encrypted: give it to the agent with \`ssh-add ${path}\`` : said;
  const text = await readFile(`${path}.pub`, 'utf8').catch(() => '');
  const encoded = text.split(' ')[1];
  return {
    is: 'unusable',
    path,
    because,
    publicKey: encoded === undefined ? null : Buffer.from(encoded, 'base64'),
  };
}

const unusable = (path: string, because: string): KeyFile => ({
  is: 'unusable',
  path,
  because,
  publicKey: null,
});

function readAgent(socket: string): Promise<AgentKeys> {
  return new Promise((resolve) => {
    new OpenSSHAgent(socket).getIdentities((error, keys) => {
      const trouble = error ? `the agent at ${socket} does not answer: ${error.message}` : null;
      resolve({ keys: (keys ?? []) as readonly ParsedKey[], trouble });
    });
  });
}

/** The order of OpenSSH: the keys that files name first (from the agent where it has them), then the agent's others. */
function arrange(found: readonly KeyFile[], agent: AgentKeys, target: SshTarget): Credentials {
  const offers: Offer[] = [];
  const unusableKeys = agent.trouble === null ? [] : [agent.trouble];
  const left = [...agent.keys];
  const takeFromAgent = (publicKey: Buffer | null): ParsedKey | null => {
    const at = left.findIndex((key) => publicKey !== null && key.getPublicSSH().equals(publicKey));
    return at === -1 ? null : (left.splice(at, 1)[0] ?? null);
  };
  for (const file of found) {
    if (file.is === 'absent') continue;
    const held = takeFromAgent(file.is === 'key' ? file.key.getPublicSSH() : file.publicKey);
    if (held !== null) offers.push(agentOffer(held, target.agentSocket ?? ''));
    else if (file.is === 'key')
      offers.push({ label: labelOf(file.path, file.key), method: { type: 'publickey', key: file.key } });
    else unusableKeys.push(`${file.path}: ${file.because}`);
  }
  const others = target.identitiesOnly ? [] : left.map((key) => agentOffer(key, target.agentSocket ?? ''));
  return { offers: [...offers, ...others], unusable: unusableKeys };
}

const labelOf = (where: string, key: ParsedKey): string =>
  `${where} (${typeName(key.type)} ${fingerprint(key.getPublicSSH())})`;

const agentOffer = (key: ParsedKey, socket: string): Offer => ({
  label: labelOf(`agent key ${key.comment === '' ? 'without a comment' : key.comment}`, key),
  method: { type: 'agent', agent: new OneKeyAgent(key, socket) },
});

/** Shows ssh2 a single key of an agent, so that the order of the offers is ours and the agent is listed only once. */
class OneKeyAgent extends BaseAgent<ParsedKey> {
  readonly #key: ParsedKey;
  readonly #agent: InstanceType<typeof OpenSSHAgent>;

  constructor(key: ParsedKey, socket: string) {
    super();
    this.#key = key;
    this.#agent = new OpenSSHAgent(socket);
  }

  override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    done(null, [this.#key]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, done);
  }
}

function refuseMissing(
  label: string,
  target: SshTarget,
  found: readonly KeyFile[],
  { offers, unusable: reasons }: Credentials,
): void {
  const named = found.find((file) => file.path === target.namedIdentity);
  if (named?.is === 'absent') {
    throw new Failed({
      reason: 'unreachable',
      what: `the key ${named.path} for ${label} is not there`,
      next: 'correct identityFile in the inventory',
    });
  }
  if (named?.is === 'unusable' && !offers.some(({ method }) => method.type === 'agent')) {
    throw new Failed({
      reason: 'unreachable',
      what: `the key ${named.path} for ${label} cannot be used: ${named.because}`,
      next: 'mend that, or name another key with identityFile in the inventory',
    });
  }
  if (offers.length > 0) return;
  throw new Failed({
    reason: 'unreachable',
    what: `there is no key to log in with on ${label}`,
    evidence: [
      ...reasons,
      `looked for: ${target.identityFiles.join(', ')}`,
      target.agentSocket === null ? 'no agent: SSH_AUTH_SOCK is not set' : `agent: ${target.agentSocket}`,
    ],
    next: 'start an agent and `ssh-add` your key, or name one with identityFile in the inventory',
  });
}
