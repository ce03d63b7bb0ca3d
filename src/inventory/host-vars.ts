import type { ZodType } from 'zod';
import { check } from './check.js';
import type { Complaint } from './complaint.js';
import { emptyMap, type Located, type Place, plainOf, valueAt } from './located.js';
import { applySetting, merge, type Setting } from './merge.js';
import { type SecretUse, secretNames, secretsIn } from './secrets.js';

/** The variables of one host, before the graph has seen them. */
export interface HostVars {
  readonly host: string;
  /** Where the host's name is written. */
  readonly place: Place;
  readonly vars: Located;
}

/** Lays the variables over each other: all hosts', each group's in the host's order, the host's own, the flags'. */
export function mergeVars(
  root: Located,
  settings: readonly Setting[],
): { readonly merged: readonly HostVars[]; readonly complaints: readonly Complaint[] } {
  const hosts = valueAt(root, ['hosts']);
  const merged: HostVars[] = [];
  const complaints: Complaint[] = [];
  if (hosts?.is !== 'map') return { merged, complaints };
  for (const [host, { key, value }] of hosts.entries) {
    const layers = [
      valueAt(root, ['vars']),
      ...groupsOf(value).map((group) => valueAt(root, ['groups', group, 'vars'])),
      valueAt(value, ['vars']),
    ].filter((layer) => layer?.is === 'map');
    let vars: Located = layers.reduce<Located>(merge, emptyMap(key));
    for (const setting of settings) {
      const set = applySetting(vars, setting);
      if ('is' in set) vars = set;
      else complaints.push(set);
    }
    merged.push({ host, place: key, vars });
  }
  return { merged, complaints };
}

function groupsOf(host: Located): readonly string[] {
  const groups = valueAt(host, ['groups']);
  const names = groups?.is === 'list' ? groups.items.map((item) => item.is === 'scalar' && item.value) : [];
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}

/** The variables as the graph's schema made them. */
export interface CheckedVars {
  readonly byHost: ReadonlyMap<string, unknown>;
  readonly secrets: readonly SecretUse[];
  readonly complaints: readonly Complaint[];
}

/** Checks the variables of every host against the schema of the graph, and finds the secrets that they name. */
export function checkVars(schema: ZodType | null, merged: readonly HostVars[]): CheckedVars {
  const byHost = new Map<string, unknown>();
  const secrets: SecretUse[] = [];
  const complaints: Complaint[] = [];
  for (const { host, place, vars } of merged) {
    secrets.push(...secretsIn(vars));
    if (schema === null) continue;
    const missingHelp = `write it under vars: of ${host}, of a group of it, or of all hosts`;
    const subject = { prefix: ['vars'], missingAt: place, missingHelp };
    const checked = check(schema, plainOf(vars), vars, subject);
    if (!checked.ok) complaints.push(...checked.complaints);
    else {
      byHost.set(host, checked.value);
      const written = new Set(secretsIn(vars).map(({ name }) => name));
      for (const name of secretNames(checked.value)) if (!written.has(name)) secrets.push({ name, place });
    }
  }
  return { byHost, secrets, complaints };
}
