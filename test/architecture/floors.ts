import type { IForbiddenRuleType } from 'dependency-cruiser';

/** The floors of src/, lowest first. A folder imports from lower floors, and from itself. */
export const floors: readonly (readonly string[])[] = [
  ['lib'],
  ['shell', 'probe', 'formats'],
  ['model'],
  ['dialects'],
  ['proof', 'diagnosis'],
  ['kinds', 'engine'],
  ['transport', 'journal', 'reporter', 'inventory'],
  ['cli'],
];

/** Packages with one owner: nothing else imports them. */
const owners: Readonly<Record<string, string>> = {
  'node-ssh': '^src/transport/',
  ssh2: '^src/transport/',
  undici: '^src/transport/',
  listr2: '^src/reporter/live\\.ts$',
  'p-retry': '^src/engine/retry\\.ts$',
  pino: '^src/reporter/log\\.ts$',
  dotenv: '^src/inventory/secrets\\.ts$',
  yaml: '^src/inventory/',
  commander: '^src/cli/',
  acorn: '^src/formats/(javascript|jitsi-config)/',
  diff: '^src/(lib/text-diff|formats/three-way)\\.ts$',
};

const names = (folders: readonly string[]): string => `^src/(${folders.join('|')})/`;

const looksDown: IForbiddenRuleType[] = floors.slice(0, -1).map((floor, index) => ({
  name: `floor-${index}-looks-down`,
  severity: 'error',
  from: { path: names(floor) },
  to: { path: names(floors.slice(index + 1).flat()) },
}));

const strangers: IForbiddenRuleType[] = [
  ...[floors[4] ?? [], floors[5] ?? [], floors[6] ?? []].flatMap((floor) =>
    floor.map((folder) => ({
      name: `${folder}-keeps-to-itself`,
      severity: 'error' as const,
      from: { path: `^src/${folder}/` },
      to: { path: names(floor.filter((other) => other !== folder)) },
    })),
  ),
  {
    name: 'kinds-are-strangers',
    severity: 'error',
    from: { path: '^src/kinds/([^/]+)\\.ts$', pathNot: '^src/kinds/index\\.ts$' },
    to: { path: '^src/kinds/', pathNot: '^src/kinds/$1\\.ts$' },
  },
  {
    name: 'adapters-see-ports-as-types',
    severity: 'error',
    from: { path: names(floors[6] ?? []) },
    to: { path: '^src/(engine|kinds)/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'engine-knows-one-dialect',
    severity: 'error',
    from: { path: '^src/engine/' },
    to: { path: '^src/dialects/', pathNot: '^src/dialects/host-journal\\.ts$' },
  },
];

const single: IForbiddenRuleType[] = Object.entries(owners).map(([name, owner]) => ({
  name: `one-owner-of-${name}`,
  severity: 'error',
  from: { path: '^(src|tasks)/', pathNot: owner },
  to: { path: `node_modules/${name}/` },
}));

const purity: IForbiddenRuleType[] = [
  {
    name: 'no-io-below-the-adapters',
    severity: 'error',
    from: { path: names(floors.slice(0, 6).flat()) },
    to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|zlib|util|url|buffer)$' },
  },
  { name: 'no-circular', severity: 'error', from: { path: '^(src|tasks)/' }, to: { circular: true } },
  {
    name: 'no-test-in-production',
    severity: 'error',
    from: { path: '^(src|tasks)/' },
    to: { path: '^test/' },
  },
  {
    name: 'tasks-use-the-front-door',
    severity: 'error',
    from: { path: '^tasks/' },
    to: { path: '^src/', pathNot: '^src/index\\.ts$' },
  },
  {
    name: 'the-front-door-is-for-guests',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/cli/' },
    to: { path: '^src/index\\.ts$' },
  },
];

/** All rules on who may import whom. */
export const rules: readonly IForbiddenRuleType[] = [...looksDown, ...strangers, ...single, ...purity];
