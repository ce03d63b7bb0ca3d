import type { GraphDefinition } from '../model/graph.js';
import type { Host } from '../model/host.js';
import { type Complaint, refusal } from './complaint.js';
import { checkVars, mergeVars } from './host-vars.js';
import { readSettings } from './merge.js';
import { readYaml } from './yaml.js';

const name = 'preview';
const file = '--set';

/**
 * A host that exists on paper only: its variables are the `--set` flags, checked by the graph like any others.
 *
 * @throws Failed `configuration` with every complaint
 */
export function offlineHost(definition: GraphDefinition, set: readonly string[]): Host {
  const { root } = readYaml(`hosts: { ${name}: {} }\n`, file);
  if (root === null) throw new TypeError('an inventory of our own was not read');
  const flags = readSettings(set);
  const { merged, complaints } = mergeVars(root, flags.settings);
  const vars = checkVars(definition.vars, merged);
  const all = [...flags.complaints, ...complaints, ...vars.complaints.map(asFlag)];
  if (all.length > 0) throw refusal(file, all, []);
  return {
    name,
    login: { address: `${name}.invalid`, connectTimeoutMs: 0 },
    become: true,
    groups: [],
    vars: vars.byHost.get(name),
  };
}

/** The place of a variable is its flag, not a line of a file that nobody wrote. */
function asFlag({ message, help, ...rest }: Complaint): Complaint {
  const missing = /^vars\.(\S+) is missing$/.exec(message)?.[1];
  if (missing === undefined) return { message, ...(help === undefined ? {} : { help }), ...rest };
  return {
    place: { is: 'whole', of: file },
    message: `${missing} is missing`,
    help: `add --set ${missing}=VALUE`,
  };
}
