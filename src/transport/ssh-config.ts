import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Failed } from '../model/failure.js';
import type { Host } from '../model/host.js';
import { openGate } from './gate.js';
import {
  type Settings,
  type SshEnvironment,
  type SshTarget,
  type Surroundings,
  targetOf,
} from './ssh-target.js';

/** Looks hosts up. Asks `ssh -G` at most once a host, and only when a config file says anything of interest. */
export interface SshConfig {
  /** @throws Failed `configuration` when the config does not parse */
  target(host: Host): Promise<SshTarget>;
}

/** As many `ssh -G` at once as a small machine does well. */
const askedAtOnce = 4;

/** @param env decides where home and agent are; HOME goes before the password database, for tests and containers */
export function sshConfig(env: SshEnvironment): SshConfig {
  const around: Surroundings = { env, home: env.HOME ?? homedir(), person: whoIs(env) };
  const gate = openGate(askedAtOnce);
  const files = readConfigs(around.home);

  return {
    async target(host) {
      const { concern, hashed, user } = await files;
      const unsaid: Settings = hashed ? new Map([['hashknownhosts', ['yes']]]) : new Map();
      if (!concern) return targetOf(host, unsaid, around);
      const leave = await gate.enter();
      try {
        return targetOf(host, new Map([...unsaid, ...(await settingsOf(host, around, user))]), around);
      } finally {
        leave();
      }
    },
  };
}

/** The password database knows us, except in some containers: there we are a number, and the login will show it. */
function whoIs(env: SshEnvironment): Surroundings['person'] {
  try {
    const { username, homedir: home } = userInfo();
    return { name: username, home };
  } catch {
    return { name: String(process.getuid?.()), home: env.HOME ?? '/' };
  }
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

async function settingsOf(host: Host, around: Surroundings, userConfig: string | null): Promise<Settings> {
  const { login } = host;
  const elsewhere = around.home !== around.person.home;
  const args = [
    ...(elsewhere ? ['-F', userConfig ?? systemConfig] : []),
    ...(login.user === undefined ? [] : ['-l', login.user]),
    ...(login.port === undefined ? [] : ['-p', String(login.port)]),
    '-T',
    '-G',
    '--',
    login.address,
  ];
  const printed = await askOpenSsh(args, around.env, host);
  return printed === null ? settingsWithoutClient(login.address, userConfig) : parsePrinted(printed);
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
