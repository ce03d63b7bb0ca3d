import { z } from 'zod';
import { prosodyLua } from '../dialects/prosody-lua.js';
import { Failed } from '../model/failure.js';
import type { Observed, ResourceKind } from '../model/kind.js';
import { ask } from '../probe/probe.js';
import type { Reply } from '../shell/batch.js';
import { type Sh, sh } from '../shell/sh.js';

/** Lua modules that must load in the Lua that Prosody itself runs on. */
export interface LuaModules {
  readonly modules: readonly string[];
  /** Link modules that only lie there for another version of Lua; otherwise their absence is refused. */
  readonly mend: boolean;
}

type Id = { readonly modules: readonly string[] };

/** Our links under `/usr/local/share/lua/<version>`, by module: what each leads to. */
type State = { readonly links: { readonly [module: string]: string } };

interface Seen extends Observed<State> {
  readonly state: State;
  /** The version of Prosody's Lua: `5.4`. */
  readonly lua: string;
  readonly missing: readonly string[];
  /** Files of missing modules that were made for other versions, by module. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

/**
 * The Lua modules of Jitsi's token plugin. On Debian 12 Prosody runs on Lua 5.4, and two of the packages bring files
 * for older versions only: the plugin does not load, nobody can sign in, and the service looks healthy
 * (jitsi-meet issue 14918).
 */
export const luaModules: ResourceKind<LuaModules, Id, State, Seen> = {
  shape: 'resource',
  name: 'lua.modules',
  version: 1,
  atomic: true,
  identify: ({ modules }) => ({ modules: [...modules] }),
  probe: ({ modules }) => ask(question(modules), readReply),
  target: ({ mend }, seen) => {
    if (seen.missing.length === 0) return { state: seen.state };
    const found = seen.missing.filter((module) => seen.elsewhere[module] !== undefined);
    if (!mend || found.length < seen.missing.length) throw missing(seen, found);
    const added = Object.fromEntries(found.map((module) => [module, seen.elsewhere[module] ?? '']));
    return { state: { links: { ...seen.state.links, ...added } } };
  },
  describe: (seen, wanted) =>
    Object.entries(wanted.state?.links ?? {})
      .filter(([module]) => seen.state.links[module] === undefined)
      .map(([module, file]) => ({
        is: 'field',
        field: linkPath(seen.lua, module),
        from: 'absent',
        to: `link to ${file}`,
      })),
  converge: async ({ from, to }, remote) => {
    const gone = Object.keys(from?.links ?? {}).filter((module) => to?.links[module] === undefined);
    const come = Object.entries(to?.links ?? {}).filter(([module]) => from?.links[module] === undefined);
    await remote.must(relink(gone, come), { what: 'linking Lua modules' });
  },
};

const linkPath = (lua: string, module: string): string => `/usr/local/share/lua/${lua}/${module}.lua`;

const question = (modules: readonly string[]): Sh => sh`${prosodyLua}
echo "lua $version"
for m in ${modules}; do
  l=/usr/local/share/lua/$version/$m.lua
  [ -L "$l" ] && echo "link $m $(readlink -- "$l")"
  "$lua" -l "$m" -e '' >/dev/null 2>&1 && continue
  echo "missing $m"
  for f in /usr/share/lua/5.4/$m.lua /usr/share/lua/5.3/$m.lua /usr/share/lua/5.2/$m.lua /usr/share/lua/5.1/$m.lua; do [ -f "$f" ] && echo "elsewhere $m $f" && break; done
done
exit 0`;

const word = z.string().regex(/^[\w./-]{1,200}$/);

function readReply({ stdout }: Reply): Seen {
  const rows = Buffer.from(stdout)
    .toString('utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const lua = rows.find(([what]) => what === 'lua')?.[1];
  if (lua === undefined || !word.safeParse(lua).success) {
    throw new Failed({
      reason: 'refused',
      what: 'Prosody is not installed, or the Lua it runs on could not be found',
      next: 'install Jitsi Meet (and with it Prosody) on this host first',
    });
  }
  const pairs = (name: string): Record<string, string> =>
    Object.fromEntries(
      rows.flatMap(([what, module, value]) =>
        what === name && module !== undefined && word.safeParse(value).success ? [[module, value ?? '']] : [],
      ),
    );
  const missing = rows.flatMap(([what, module]) =>
    what === 'missing' && module !== undefined ? [module] : [],
  );
  return { lua, missing, elsewhere: pairs('elsewhere'), state: { links: pairs('link') } };
}

/** Adds and removes links; never touches what is no link. */
const relink = (gone: readonly string[], come: readonly (readonly [string, string])[]): Sh => sh`set -e
${prosodyLua}
d=/usr/local/share/lua/$version
for m in ${gone}; do [ ! -L "$d/$m.lua" ] || rm -- "$d/$m.lua"; done
${come.length === 0 ? sh`rmdir -- "$d" /usr/local/share/lua 2>/dev/null || true` : sh`mkdir -p -m 755 -- "$d"; chmod 755 -- /usr/local/share/lua "$d"`}
set -- ${come.flat()}
while [ $# -gt 1 ]; do [ -e "$d/$1.lua" ] || ln -s -- "$2" "$d/$1.lua"; shift 2; done`;

function missing(seen: Seen, found: readonly string[]): Failed {
  const mendable = found.length === seen.missing.length;
  return new Failed({
    reason: 'refused',
    what: `Prosody runs on Lua ${seen.lua} and cannot load ${seen.missing.join(', ')}: the token plugin would not start`,
    evidence: Object.entries(seen.elsewhere).map(
      ([module, file]) => `${module} is there for another Lua only: ${file}`,
    ),
    next: mendable
      ? 'set `prosody: { mendLua: true }` in the variables of this host: the files are linked for this Lua, and rollback takes the links out'
      : `install ${seen.missing.map((module) => packages[module] ?? `the package that brings ${module}`).join(', ')}`,
  });
}

const packages: Readonly<Record<string, string>> = {
  basexx: 'lua-basexx',
  inspect: 'lua-inspect',
  cjson: 'lua-cjson',
  'cjson.safe': 'lua-cjson',
  'openssl.pkey': 'lua-luaossl',
};
