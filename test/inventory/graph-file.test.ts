import { deepEqual, equal, rejects } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { graphLoader } from '../../src/inventory/graph-file.js';
import { Failed, type FailureData } from '../../src/model/failure.js';
import { type Folder, folderWith } from '../support/folder.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const graphs = {
  'graph.ts': `
import { graph, domainName } from 'orchestrate';
import { name } from './parts/name.js';
const title: string = name();
export default graph({ name: title, vars: domainName, build: () => undefined });
`,
  'parts/name.ts': `export const name = (): string => 'typescript';\n`,
  'plain.js': `
import { graph, domainName } from 'orchestrate';
export default graph({ name: 'javascript', vars: domainName, build() {} });
`,
};

const failing: Readonly<Record<string, { readonly source: string; readonly failure: Partial<FailureData> }>> =
  {
    'no-default.ts': {
      source: `export const x = 1;\n`,
      failure: {
        what: 'the graph no-default.ts has no default export',
        next: 'end the file with: export default graph({ name, vars, build })',
      },
    },
    'not-a-graph.ts': {
      source: `export default { name: 'x' };\n`,
      failure: { what: 'what not-a-graph.ts exports by default is not a graph' },
    },
    'nothing.ts': {
      source: `export default null;\n`,
      failure: { what: 'what nothing.ts exports by default is not a graph' },
    },
    'syntax.ts': {
      source: `import { graph } from 'orchestrate';\nexport default graph({ name: 'x'\nconst y: number = 5;\n`,
      failure: {
        what: 'the graph syntax.ts cannot be loaded',
        evidence: ['syntax.ts:3:0: Expected "}" but found "const"'],
        next: 'correct the file',
      },
    },
    'syntax.js': {
      source: `export default {\nconst x = 5;\n`,
      failure: {
        what: 'the graph syntax.js cannot be loaded',
        evidence: ['syntax.js:2', 'const x = 5;', '      ^', "SyntaxError: Unexpected identifier 'x'"],
      },
    },
    'throws.ts': {
      source: `const nothing = undefined as unknown as { x: number };\n\nexport default nothing.x;\n`,
      failure: {
        what: 'the graph throws.ts cannot be loaded',
        evidence: [
          "TypeError: Cannot read properties of undefined (reading 'x')",
          'at <anonymous> (throws.ts:3:24)',
        ],
      },
    },
    'missing-module.ts': {
      source: `import x from 'no-such-package';\nexport default x;\n`,
      failure: { evidence: ["Cannot find package 'no-such-package' imported from missing-module.ts"] },
    },
    'missing-export.ts': {
      source: `import { noSuchExport } from 'orchestrate';\nexport default noSuchExport;\n`,
      failure: {
        evidence: [
          "SyntaxError: The requested module 'orchestrate' does not provide an export named 'noSuchExport'",
          'at missing-export.ts:1',
        ],
      },
    },
    'graph.json': {
      source: '{}',
      failure: {
        what: 'the graph graph.json is neither TypeScript nor JavaScript',
        next: 'name a .ts or .js file',
      },
    },
  };

async function failureOf(folder: Folder, name: string): Promise<FailureData> {
  try {
    await graphLoader()(folder.at(name));
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const short = (text: string): string => text.replaceAll(`${folder.path}/`, '');
    const { failure } = error;
    return { ...failure, what: short(failure.what), evidence: failure.evidence.map(short) };
  }
  throw new Error(`${name} was loaded`);
}

describe('loading a graph from a folder with no packages', () => {
  for (const [file, name] of [
    ['graph.ts', 'typescript'],
    ['plain.js', 'javascript'],
  ] as const) {
    it(`takes ${file}, in which orchestrate is our front door`, async () => {
      await using folder = await folderWith(graphs);
      const graph = await graphLoader()(folder.at(file));
      equal(graph.name, name);
      equal(graph.vars.safeParse('meet.example.com').success, true);
    });
  }

  for (const [file, { source, failure }] of Object.entries(failing)) {
    it(`says what is wrong with ${file}`, async () => {
      await using folder = await folderWith({ [file]: source });
      const found = await failureOf(folder, file);
      deepEqual({ ...found, ...failure }, found);
      equal(found.reason, 'configuration');
    });
  }

  it('says that a file is not there', async () => {
    await using folder = await folderWith({});
    const { what, next } = await failureOf(folder, 'none.ts');
    deepEqual(
      [what, next],
      ['there is no graph none.ts', 'the path is relative to the inventory: correct it'],
    );
  });
});

/** Compiles our sources as `npm pack` would ship them, without checking types: `npm run typecheck` does that. */
async function installInto(folder: string): Promise<void> {
  const home = join(folder, 'node_modules/orchestrate');
  for (const entry of await readdir(join(repository, 'src'), { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.ts')) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(home, 'dist', from.slice(repository.length).replace(/ts$/, 'js'));
    const { outputText } = ts.transpileModule(await readFile(from, 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    });
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, outputText);
  }
  await writeFile(join(home, 'package.json'), await readFile(join(repository, 'package.json')));
  await symlink(join(repository, 'node_modules'), join(home, 'node_modules'));
}

/** Loads both graphs in a process of its own, and says whether they share the modules of the program. */
const program = (src: string, ending: string): string => `
import { graphLoader } from '${src}/inventory/graph-file.${ending}';
import { domainName } from '${src}/index.${ending}';
const load = graphLoader();
for (const path of process.argv.slice(2)) {
  const { name, vars } = await load(path);
  console.log(name, vars === domainName);
}
`;

describe('a graph shares the modules of the program that loads it', () => {
  const run = async (user: Folder, node: readonly string[]): Promise<void> => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [...node, user.at('graph.ts'), user.at('plain.js')],
      { cwd: user.path, env: { PATH: process.env['PATH'] } },
    );
    equal(stderr, '');
    equal(stdout, 'typescript true\njavascript true\n');
  };
  it('in an installed package, wherever the graph lies', async () => {
    await using user = await folderWith(graphs);
    await using global = await folderWith({
      'run.mjs': program('./node_modules/orchestrate/dist/src', 'js'),
    });
    await installInto(global.path);
    await run(user, [global.at('run.mjs')]);
  }).timeout(30_000);

  it('and no tsconfig.json of the current folder has a say in it', async () => {
    await using user = await folderWith({
      ...graphs,
      'tsconfig.json': '{ "compilerOptions": { "paths": { "aliased": ["./parts/name.ts"] } } }',
      'aliased.ts': `import { name } from 'aliased';\nexport default name;\n`,
    });
    await using global = await folderWith({
      'run.mjs': program('./node_modules/orchestrate/dist/src', 'js'),
    });
    await installInto(global.path);
    const loading = promisify(execFile)(process.execPath, [global.at('run.mjs'), user.at('aliased.ts')], {
      cwd: user.path,
      env: { PATH: process.env['PATH'] },
    });
    await rejects(loading, /Cannot find package 'aliased' imported from/);
  }).timeout(30_000);

  it('in a source checkout under tsx', async () => {
    await using user = await folderWith({
      ...graphs,
      'run.mts': program(join(repository, 'src'), 'js'),
    });
    await run(user, [
      '--import',
      pathToFileURL(join(repository, 'node_modules/tsx/dist/loader.mjs')).href,
      user.at('run.mts'),
    ]);
  }).timeout(30_000);
});
