import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Failed } from '../model/failure.js';
import type { Host } from '../model/host.js';
import { openGate } from './gate.js';

// Long because both ways of reading the settings, `ssh -G` and the package, must give the same ones side by side.

/** What `~/.ssh/config`, the inventory and OpenSSH's defaults say about one host, together. The inventory wins. */
export interface SshTarget {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** In the order in which they are offered. Absent files are passed over, as OpenSSH does. */
  readonly identityFiles: readonly string[];
  /** The one that the inventory names: it must be there. */
  readonly namedIdentity: string | null;
  /** Of the agent's keys, only those of {@link identityFiles}. */
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | null;
  /** Files of known hosts. New keys are appended to the first. */
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  /** The name under which the host is known, when it is not the address. */
  readonly hostKeyAlias: string | null;
  readonly hashKnownHosts: boolean;
  /** `ProxyJump` or `ProxyCommand` of the config. It is not followed; failures to connect mention it. */
  readonly proxy: string | null;
}

/** Variables of the environment that the transport looks at. */
export interface SshEnvironment {
  readonly HOME?: string | undefined;
  readonly PATH?: string | undefined;
  readonly SSH_AUTH_SOCK?: string | undefined;
}

/** Looks hosts up. Asks `ssh -G` at most once a host, and only when a config file says anything of interest. */
export interface SshConfig {
  /** @throws Failed `configuration` when the config does not parse */
  target(host: Host): Promise<SshTarget>;
}

/** One keyword's values, in order of appearance, by lower-case keyword. */
type Settings = ReadonlyMap<string, readonly string[]>;

/** As many `ssh -G` at once as a small machine does well. */
const askedAtOnce = 4;

/** @param env decides where home and agent are; HOME goes before the password database, for tests and containers */
export function sshConfig(env: SshEnvironment): SshConfig {
  const home = env.HOME ?? homedir();
  const gate = openGate(askedAtOnce);
  const files = readConfigs(home);

  return {
    async target(host) {
      const { concern, hashed, user } = await files;
      const leave = await gate.enter();
      try {
        const settings = concern ? await settingsOf(host, { env, home, userConfig: user }) : new Map();
        return targetOf(host, hashed ? new Map([['hashknownhosts', ['yes']], ...settings]) : settings, {
          home,
          env,
        });
      } finally {
        leave();
      }
    },
  };
}

/** The two files OpenSSH reads, in so far as we must know whether they matter. */
interface Configs {
  /** Something in them may be of interest to us, so that OpenSSH has to be asked. */
  readonly concern: boolean;
  readonly hashed: boolean;
  /** The user's file; null when it is not there. */
  readonly user: string | null;
}

const systemConfig = '/etc/ssh/ssh_config';

async function readConfigs(home: string): Promise<Configs> {
  const user = join(home, '.ssh', 'config');
  const parts = await readdir(`${systemConfig}.d`).catch(() => []);
  const system = [systemConfig, ...parts.map((name) => join(`${systemConfig}.d`, name))];
  const [userText, ...systemTexts] = await Promise.all([user, ...system].map(readOrNull));
  const all = [userText ?? '', ...systemTexts.map((text) => text ?? '')];
  return {
    concern: all.some(isOfInterest),
    hashed: all.some((text) => /^\s*HashKnownHosts\s+yes\b/im.test(text)),
    user: typeof userText === 'string' ? user : null,
  };
}

const readOrNull = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);

/** What a stock client config says; everything else is OpenSSH's to judge. */
const harmless =
  /^(host\s+\*|sendenv\s.*|hashknownhosts\s.*|gssapi\w+\s.*|include\s+\/etc\/ssh\/ssh_config\.d\/\S*)$/i;

const isOfInterest = (text: string): boolean =>
  text
    .split('\n')
    .map((line) => line.trim())
    .some((line) => line !== '' && !line.startsWith('#') && !harmless.test(line));

interface Surroundings {
  readonly env: SshEnvironment;
  readonly home: string;
  readonly userConfig: string | null;
}

async function settingsOf(host: Host, around: Surroundings): Promise<Settings> {
  const { login } = host;
  const elsewhere = around.home !== userInfo().homedir;
  const args = [
    ...(elsewhere ? ['-F', around.userConfig ?? systemConfig] : []),
    ...(login.user === undefined ? [] : ['-l', login.user]),
    ...(login.port === undefined ? [] : ['-p', String(login.port)]),
    '-T',
    '-G',
    '--',
    login.address,
  ];
  const printed = await askOpenSsh(args, around.env, host);
  return printed === null ? settingsWithoutClient(login.address, around.userConfig) : parsePrinted(printed);
}

/** What `ssh` prints, or null when there is no `ssh`. */
function askOpenSsh(args: readonly string[], env: SshEnvironment, host: Host): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...env }, timeout: 10_000, windowsHide: true };
    const child = execFile('ssh', [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') resolve(null);
      else reject(badConfig(host, stderr === '' ? error.message : stderr));
    });
    child.stdin?.end();
  });
}

const badConfig = (host: Host, said: string): Failed =>
  new Failed({
    reason: 'configuration',
    what: `the ssh client's config cannot be read for ${host.name}`,
    evidence: said.split(/\r?\n/).filter((line) => line !== ''),
    next: `correct it until \`ssh -G ${host.login.address}\` prints no error`,
  });

const needsClient = (file: string): Failed =>
  new Failed({
    reason: 'configuration',
    what: `${file} uses Include or Match, which only ssh itself can read, and there is no ssh on this machine`,
    next: 'install the package openssh-client',
  });

function parsePrinted(printed: string): Settings {
  const settings = new Map<string, string[]>();
  for (const line of printed.split('\n')) {
    const at = line.indexOf(' ');
    if (at === -1) continue;
    const keyword = line.slice(0, at);
    settings.set(keyword, [...(settings.get(keyword) ?? []), line.slice(at + 1)]);
  }
  return settings;
}

/** The same from the user's file alone, for machines without an ssh client: those have no other. */
async function settingsWithoutClient(address: string, userConfig: string | null): Promise<Settings> {
  if (userConfig === null) return new Map();
  const { default: parser } = await import('ssh-config');
  const text = (await readOrNull(userConfig)) ?? '';
  if (/^\s*(include|match)\b/im.test(text)) throw needsClient(userConfig);
  const found = parser.parse(text).compute(address);
  return new Map(
    Object.entries(found).map(([keyword, value]) => [
      keyword.toLowerCase(),
      keyword.toLowerCase().endsWith('knownhostsfile') ? [[value].flat().join(' ')] : [value].flat(),
    ]),
  );
}

function targetOf(host: Host, settings: Settings, around: Omit<Surroundings, 'userConfig'>): SshTarget {
  const { login } = host;
  const first = (keyword: string): string | null => settings.get(keyword)?.[0] ?? null;
  const address = (first('hostname') ?? login.address).replaceAll('%h', login.address);
  const user = login.user ?? first('user') ?? userInfo().username;
  const port = login.port ?? Number(first('port') ?? 22);
  const path = (raw: string): string => expandPath(raw, { home: around.home, address, user, port });
  const known = (keyword: string): readonly string[] | null =>
    first(keyword)
      ?.split(/\s+/)
      .filter((file) => file !== 'none')
      .map((file) => path(atHome(file, around.home))) ?? null;
  const named = login.identityFile === undefined ? null : path(login.identityFile);
  const files = identityFiles(settings.get('identityfile') ?? []).map(path);
  return {
    address,
    port,
    user,
    namedIdentity: named,
    identityFiles: named === null ? files : [named, ...files.filter((file) => file !== named)],
    identitiesOnly: first('identitiesonly') === 'yes',
    agentSocket: agentSocket(first('identityagent'), around.env, path),
    userKnownHosts: (login.knownHosts === undefined
      ? known('userknownhostsfile')
      : [path(login.knownHosts)]) ?? [path('~/.ssh/known_hosts'), path('~/.ssh/known_hosts2')],
    globalKnownHosts: known('globalknownhostsfile') ?? [
      '/etc/ssh/ssh_known_hosts',
      '/etc/ssh/ssh_known_hosts2',
    ],
    hostKeyAlias: first('hostkeyalias'),
    hashKnownHosts: first('hashknownhosts') === 'yes',
    proxy: proxyOf(first('proxyjump'), first('proxycommand')),
  };
}

/** The keys that are tried when nothing is said, in the order of their worth (and cheapness). */
const usualIdentities = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'];

/** `ssh -G` prints its own defaults when the config names none: those are put into our order. */
function identityFiles(printed: readonly string[]): readonly string[] {
  const isDefault = printed.every((file) =>
    /^~\/\.ssh\/id_(rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/.test(file),
  );
  return isDefault ? usualIdentities : printed;
}

function agentSocket(
  identityAgent: string | null,
  env: SshEnvironment,
  path: (raw: string) => string,
): string | null {
  if (identityAgent === 'none') return null;
  if (identityAgent === null || identityAgent === 'SSH_AUTH_SOCK') return env.SSH_AUTH_SOCK ?? null;
  return path(identityAgent);
}

/** OpenSSH takes the home from the password database; ours is HOME's. */
const atHome = (file: string, home: string): string =>
  file.startsWith(`${userInfo().homedir}/.ssh/`) ? join(home, file.slice(userInfo().homedir.length)) : file;

const proxyOf = (jump: string | null, command: string | null): string | null => {
  if (jump !== null && jump !== 'none') return `ProxyJump ${jump}`;
  return command === null || command === 'none' ? null : `ProxyCommand ${command}`;
};

/** `~` and the tokens that ssh_config(5) allows in file names. */
function expandPath(
  raw: string,
  facts: { readonly home: string; readonly address: string; readonly user: string; readonly port: number },
): string {
  const tokens: Readonly<Record<string, string>> = {
    '%%': '%',
    '%d': facts.home,
    '%h': facts.address,
    '%r': facts.user,
    '%p': String(facts.port),
    '%u': userInfo().username,
  };
  const text = raw.replace(/^"(.*)"$/, '$1').replace(/^~(?=\/|$)/, facts.home);
  return text.replaceAll(/%[%dhrpu]/g, (token) => tokens[token] ?? token);
}
