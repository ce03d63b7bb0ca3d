import type { Machine } from './machine.js';

/**
 * The state of a host that the product promises to put back (P4): bytes, mode and owner of every file under /etc, /usr,
 * /opt, /root and /home, the running services, the engine's objects. Thing to description, so that two states compare.
 * Docker objects go by name, because ids tell two equal runs on two hosts apart.
 */
export type HostState = ReadonlyMap<string, string>;

/**
 * Not compared, because they change by themselves: what an engine mounts over a container's /etc; what shells and sudo
 * write into a home at a login; services that last as long as somebody is logged in.
 */
const unstable = {
  paths: ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'],
  names: ['.bash_history', '.cache', '.sudo_as_admin_successful'],
  services: /^(user@|user-runtime-dir@|session-)/,
} as const;

const find = [
  'find /etc /usr /opt /root /home -xdev \\(',
  [...unstable.paths.map((path) => `-path ${path}`), ...unstable.names.map((name) => `-name ${name}`)].join(
    ' -o ',
  ),
  '\\) -prune -o',
].join(' ');

const script = `set -u
${find} -printf 'entry\\t%p\\t%y %m %U:%G %l\\n'
${find} -type f -print0 | xargs -0 sha256sum | sed 's/^\\\\\\?\\([0-9a-f]*\\)  \\(.*\\)$/bytes\\t\\2\\t\\1/'
systemctl list-units --type=service --state=running --plain --no-legend | awk '{ print "service\\t" $1 "\\trunning" }'
if docker info >/dev/null 2>&1; then
  docker ps --all --format 'container\\t{{.Names}}\\t{{.Image}} {{.State}}'
  docker images --format 'image\\t{{.Repository}}:{{.Tag}}\\tpresent'
  docker volume ls --format 'volume\\t{{.Name}}\\tpresent'
  docker network ls --format 'network\\t{{.Name}}\\t{{.Driver}}'
fi
`;

/** Takes the state of a machine; two to four seconds. Throws when a part of it could not be read. */
export async function takeState(machine: Machine): Promise<HostState> {
  const { code, stdout, stderr } = await machine.exec(script);
  if (code !== 0 || stderr !== '') throw new Error(`the state could not be read (code ${code}): ${stderr}`);
  const state = new Map<string, string>();
  for (const line of stdout.trimEnd().split('\n')) {
    const [kind = '', name = '', description = ''] = line.split('\t');
    if (kind === 'service' && unstable.services.test(name)) continue;
    const thing = `${kind} ${name}`;
    // Images without a name share one: how many there are is part of the state.
    state.set(thing, state.has(thing) ? `${state.get(thing)}, ${description}` : description);
  }
  return state;
}

/** What differs between two states, one line a thing, sorted; empty when they are equal. */
export function differencesBetween(before: HostState, after: HostState): readonly string[] {
  const things = [...new Set([...before.keys(), ...after.keys()])].sort();
  return things.flatMap((thing) => {
    const [was, is] = [before.get(thing), after.get(thing)];
    if (was === is) return [];
    if (was === undefined) return [`new: ${thing} (${is})`];
    return [is === undefined ? `gone: ${thing} (${was})` : `changed: ${thing} (${was} → ${is})`];
  });
}
