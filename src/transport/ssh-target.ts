import { join } from 'node:path';
import type { Host } from '../model/host.js';

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

/** The variables of the environment that the transport looks at; `ssh` gets all that are there. */
export interface SshEnvironment {
  readonly HOME?: string | undefined;
  readonly PATH?: string | undefined;
  readonly SSH_AUTH_SOCK?: string | undefined;
}

/** One keyword's values, in order of appearance, by lower-case keyword. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/** Where we are. */
export interface Surroundings {
  readonly env: SshEnvironment;
  /** HOME, which may differ from the home in the password database. */
  readonly home: string;
  readonly person: { readonly name: string; readonly home: string };
}

/** Puts together what the inventory says, what the config says and what OpenSSH does by default. */
export function targetOf(host: Host, settings: Settings, around: Surroundings): SshTarget {
  const { login } = host;
  const first = (keyword: string): string | null => settings.get(keyword)?.[0] ?? null;
  const address = (first('hostname') ?? login.address).replaceAll('%h', login.address);
  const user = login.user ?? first('user') ?? around.person.name;
  const port = login.port ?? Number(first('port') ?? 22);
  const path = (raw: string): string => expandPath(raw, { ...around, address, user, port });
  const known = (keyword: string): readonly string[] | null =>
    first(keyword)
      ?.split(/\s+/)
      .filter((file) => file !== 'none')
      .map((file) => path(atHome(file, around))) ?? null;
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
  const isDefault = usualIdentities.every((file) => printed.includes(file));
  return printed.length === 0 || isDefault ? usualIdentities : printed;
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
const atHome = (file: string, { home, person }: Surroundings): string =>
  file.startsWith(`${person.home}/.ssh/`) ? join(home, file.slice(person.home.length)) : file;

const proxyOf = (jump: string | null, command: string | null): string | null => {
  if (jump !== null && jump !== 'none') return `ProxyJump ${jump}`;
  return command === null || command === 'none' ? null : `ProxyCommand ${command}`;
};

/** `~` and the tokens that ssh_config(5) allows in file names. */
function expandPath(
  raw: string,
  facts: Surroundings & { readonly address: string; readonly user: string; readonly port: number },
): string {
  const tokens: Readonly<Record<string, string>> = {
    '%%': '%',
    '%d': facts.home,
    '%h': facts.address,
    '%r': facts.user,
    '%p': String(facts.port),
    '%u': facts.person.name,
  };
  const text = raw.replace(/^"(.*)"$/, '$1').replace(/^~(?=\/|$)/, facts.home);
  return text.replaceAll(/%[%dhrpu]/g, (token) => tokens[token] ?? token);
}
