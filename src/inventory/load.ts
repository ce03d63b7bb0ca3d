import { dirname, resolve } from 'node:path';
import { closest } from '../lib/closest.js';
import { Failed, failureOf } from '../model/failure.js';
import type { GraphDefinition, ProofSection } from '../model/graph.js';
import type { Host } from '../model/host.js';
import type { Vault } from '../shell/secret.js';
import { check } from './check.js';
import { type Complaint, placeText, refusal, type SourceText } from './complaint.js';
import { checkVars, mergeVars } from './host-vars.js';
import { checkNames, makeHosts, sharedAddresses } from './hosts.js';
import { type Located, plainOf, valueAt } from './located.js';
import { readSettings } from './merge.js';
import { type InventoryFile, inventorySchema } from './schema.js';
import { findSecrets } from './secrets.js';
import { select } from './select.js';
import { readTrusted } from './trusted-file.js';
import { makeVault } from './vault.js';
import { readYaml } from './yaml.js';

/** Everything that an inventory says, checked. */
export interface Inventory {
  /** As it was named on the command line. */
  readonly file: string;
  /** The absolute path of the folder that it lies in. */
  readonly folder: string;
  readonly graph: GraphDefinition;
  /** All hosts, in the order of the file. */
  readonly hosts: readonly Host[];
  /** The hosts that `--limit` leaves. */
  readonly selected: readonly Host[];
  readonly proof: ProofSection;
  readonly vault: Vault;
  /** What is worth knowing and stops nothing. */
  readonly warnings: readonly string[];
}

/** What to load. */
export interface InventorySource {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The `--set key.path=value` flags. */
  readonly set: readonly string[];
  /** The `--limit` flag. */
  readonly limit: string | undefined;
  /** Loads the graph at an absolute path, else the default graph. */
  readonly graphOf: (path: string | undefined) => Promise<GraphDefinition>;
}

/** Some 50 000 hosts. */
const maxBytes = 4 * 1024 * 1024;

/**
 * Reads an inventory and everything that it names. Nothing goes to any host.
 *
 * @throws Failed `configuration` with every mistake there is, each with its place
 */
export async function loadInventory(source: InventorySource): Promise<Inventory> {
  const text = await readText(source.file);
  const folder = resolve(dirname(source.file));
  const { root, complaints: inYaml, hidden } = readYaml(text, source.file);
  const sources: readonly SourceText[] = [{ file: source.file, text, hidden }];
  const flags = readSettings(source.set);
  if (root?.is !== 'map')
    throw refusal(source.file, inYaml.length > 0 ? inYaml : [noMap(source.file)], sources);
  const own = check(inventorySchema, plainOf(root, { dropNull: true }), root, { prefix: [] });
  const graph = await loadGraph(root, folder, source.graphOf);
  const { merged, complaints: inSettings } = mergeVars(root, flags.settings);
  const vars = checkVars(graph.ok ? graph.graph.vars : null, merged);
  const secrets = await findSecrets(vars.secrets, { folder: dirname(source.file), env: source.env });
  const hosts = own.ok ? makeHosts(own.value, vars.byHost, folder) : [];
  const chosen = own.ok ? select(hosts, Object.keys(own.value.groups ?? {}), source.limit) : null;
  const complaints = distinct([
    ...inYaml,
    ...(own.ok ? noHosts(root, hosts) : own.complaints),
    ...checkNames(root),
    ...(graph.ok ? [] : [graph.complaint]),
    ...flags.complaints,
    ...inSettings,
    ...vars.complaints,
    ...(own.ok ? checkProof(root, hosts, own.value.proof?.user) : []),
    ...secrets.complaints,
    ...(chosen?.ok === false ? chosen.complaints : []),
  ]);
  if (complaints.length > 0 || !own.ok || !graph.ok || !chosen?.ok)
    throw refusal(source.file, complaints, sources);
  return {
    file: source.file,
    folder,
    graph: graph.graph,
    hosts,
    selected: chosen.hosts,
    proof: proofOf(own.value),
    vault: makeVault(secrets.values),
    warnings: [...secrets.warnings, ...sharedAddresses(hosts)],
  };
}

const proofOf = ({ proof }: InventoryFile): Inventory['proof'] => ({
  ...(proof?.user === undefined ? {} : { user: proof.user }),
  ...(proof?.outside === undefined ? {} : { outside: proof.outside }),
  ...(proof?.caFile === undefined ? {} : { caFile: proof.caFile }),
});

const noMap = (file: string): Complaint => ({
  place: { is: 'whole', of: file },
  message: 'is not a map of keys such as hosts:',
  help: 'see inventory/hosts.example.yml',
});

async function readText(file: string): Promise<string> {
  const read = await readTrusted(file, { isPrivate: false, maxBytes });
  const wrong = (what: string, next: string): Failed => new Failed({ reason: 'configuration', what, next });
  if (read.is === 'absent') {
    throw wrong(
      `there is no inventory ${file}`,
      'copy inventory/hosts.example.yml there and edit it, or name another with --inventory',
    );
  }
  if (read.is === 'refused') throw wrong(`the inventory ${file} ${read.message}`, read.help);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(read.bytes);
  } catch {
    throw wrong(`the inventory ${file} is not UTF-8 text`, 'save it as UTF-8');
  }
}

type LoadedGraph =
  | { readonly ok: true; readonly graph: GraphDefinition }
  | { readonly ok: false; readonly complaint: Complaint };

async function loadGraph(
  root: Located,
  folder: string,
  graphOf: InventorySource['graphOf'],
): Promise<LoadedGraph> {
  const named = valueAt(root, ['graph']);
  const path = named?.is === 'scalar' && typeof named.value === 'string' ? named.value : undefined;
  try {
    return { ok: true, graph: await graphOf(path === undefined ? undefined : resolve(folder, path)) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.reason !== 'configuration' || named === null) throw error;
    const { what: message, evidence, next: help } = failure;
    return { ok: false, complaint: { place: named.place, message, evidence, help } };
  }
}

function noHosts(root: Located, hosts: readonly Host[]): readonly Complaint[] {
  const place = valueAt(root, ['hosts'])?.place ?? root.place;
  return hosts.length > 0 ? [] : [{ place, message: 'hosts is empty: name at least one host' }];
}

/** The user who proves the sign-in must be one of `users`, where a graph has such a variable. */
function checkProof(root: Located, hosts: readonly Host[], user: string | undefined): readonly Complaint[] {
  const place = valueAt(root, ['proof', 'user'])?.place;
  if (user === undefined || place === undefined) return [];
  return hosts.flatMap(({ name, vars }) => {
    const { users } = (vars ?? {}) as { readonly users?: unknown };
    if (!Array.isArray(users)) return [];
    const names = users.map((one: { readonly username?: unknown }) => String(one.username));
    if (names.includes(user)) return [];
    const [guess] = closest(user, names);
    const help =
      guess === undefined ? `its users: ${names.join(', ') || 'none'}` : `did you mean "${guess}"?`;
    return [{ place, message: `proof.user is "${user}", which is none of vars.users of ${name}`, help }];
  });
}

/** What many hosts share is complained about once. */
function distinct(complaints: readonly Complaint[]): readonly Complaint[] {
  return [...new Map(complaints.map((one) => [`${placeText(one.place)} ${one.message}`, one])).values()];
}
