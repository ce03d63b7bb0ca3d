import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { closest } from '../lib/closest.js';
import type { Host, Login } from '../model/host.js';
import type { Complaint } from './complaint.js';
import { type Located, valueAt } from './located.js';
import { type InventoryFile, isName } from './schema.js';

/** Ten seconds: an sshd that has not answered by then is not going to. */
const defaultConnectTimeoutMs = 10_000;

/** Makes the hosts of a checked inventory, with the variables that the graph made of theirs. */
export function makeHosts(
  file: InventoryFile,
  vars: ReadonlyMap<string, unknown>,
  folder: string,
): readonly Host[] {
  const defaults = file.defaults ?? {};
  return Object.entries(file.hosts).map(([name, host]) => ({
    name,
    login: loginOf(host.address, { ...defaults, ...host }, folder),
    become: host.become ?? defaults.become ?? true,
    groups: [...new Set(host.groups)],
    vars: vars.get(name),
  }));
}

function loginOf(address: string, said: NonNullable<InventoryFile['defaults']>, folder: string): Login {
  return {
    address,
    ...(said.port === undefined ? {} : { port: said.port }),
    ...(said.user === undefined ? {} : { user: said.user }),
    ...(said.identityFile === undefined ? {} : { identityFile: pathFrom(folder, said.identityFile) }),
    ...(said.knownHosts === undefined ? {} : { knownHosts: pathFrom(folder, said.knownHosts) }),
    connectTimeoutMs: said.connectTimeoutMs ?? defaultConnectTimeoutMs,
  };
}

/** A path of the inventory: `~/` is the home of who runs us, the rest is relative to the inventory's folder. */
const pathFrom = (folder: string, path: string): string =>
  resolve(folder, path.replace(/^~(?=\/|$)/, homedir()));

/** Names that cannot be used, clash, or belong to no group. */
export function checkNames(root: Located): readonly Complaint[] {
  const hosts = valueAt(root, ['hosts']);
  const groups = valueAt(root, ['groups']);
  const hostEntries = hosts?.is === 'map' ? [...hosts.entries] : [];
  const groupEntries = groups?.is === 'map' ? [...groups.entries] : [];
  const groupNames = groupEntries.map(([name]) => name);
  const isHost = new Set(hostEntries.map(([name]) => name));
  const complaints: Complaint[] = [];
  for (const [name, { key }] of [...hostEntries, ...groupEntries]) {
    if (isName(name)) continue;
    const help = 'names start with a letter or digit and hold letters, digits, . _ - only (at most 63)';
    complaints.push({ place: key, message: `"${name}" cannot be the name of a host or group`, help });
  }
  for (const [name, { key }] of groupEntries) {
    if (isHost.has(name))
      complaints.push({ place: key, message: `"${name}" is a host already`, help: 'rename the group' });
  }
  for (const [, { value }] of hostEntries) {
    const named = valueAt(value, ['groups']);
    for (const item of named?.is === 'list' ? named.items : []) {
      if (item.is !== 'scalar' || typeof item.value !== 'string' || groupNames.includes(item.value)) continue;
      const [guess] = closest(item.value, groupNames);
      const help = guess === undefined ? `add it: groups: { ${item.value}: {} }` : `did you mean "${guess}"?`;
      complaints.push({ place: item.place, message: `there is no group "${item.value}"`, help });
    }
  }
  return complaints;
}

/** Hosts that are reached in the same way: most likely one machine under two names. */
export function sharedAddresses(hosts: readonly Host[]): readonly string[] {
  const byAddress = new Map<string, readonly string[]>();
  for (const { name, login } of hosts) {
    const address = `${login.address}${login.port === undefined ? '' : ` port ${login.port}`}`;
    byAddress.set(address, [...(byAddress.get(address) ?? []), name]);
  }
  return [...byAddress]
    .filter(([, names]) => names.length > 1)
    .map(([address, names]) => `${names.join(', ')} have the same address: ${address}`);
}
