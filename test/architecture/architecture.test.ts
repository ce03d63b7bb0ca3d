import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { rules } from './floors.js';

const root = join(import.meta.dirname, '../..');
const mostLines = 250;

interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** Holds the imports of a tree against the rules. */
async function violationsIn(tree: string): Promise<readonly Violation[]> {
  const previous = process.cwd();
  process.chdir(tree);
  try {
    const { output } = await cruise(
      ['src', 'tasks'],
      {
        ruleSet: { forbidden: [...rules] },
        validate: true,
        tsPreCompilationDeps: true,
        doNotFollow: { path: 'node_modules' },
        enhancedResolveOptions: {
          extensions: ['.ts', '.js', '.json'],
          conditionNames: ['orchestrate-source', 'import', 'node', 'default'],
          exportsFields: ['exports'],
        },
      },
      { extensionAlias: { '.js': ['.ts', '.js'] } },
    );
    assert.ok(typeof output === 'object', 'the report is an object');
    return output.summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
    }));
  } finally {
    process.chdir(previous);
  }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('the architecture', () => {
  it('has imports that look down only, one owner a package, and no circles', async () => {
    assert.deepEqual(await violationsIn(root), []);
  }).timeout(60_000);

  it('would be found broken: each planted import is named by its rule', async () => {
    const planted: Readonly<Record<string, readonly [string, string]>> = {
      'src/lib/planted.ts': ["import '../model/host.js';", 'floor-0-looks-down'],
      'src/model/planted.ts': ["import '../engine/plan.js';", 'floor-2-looks-down'],
      'src/kinds/planted.ts': ["import './file.js';", 'kinds-are-strangers'],
      'src/diagnosis/planted.ts': ["import '../proof/site.js';", 'diagnosis-keeps-to-itself'],
      'src/engine/planted.ts': ["import '../kinds/file.js';", 'engine-keeps-to-itself'],
      'src/dialects/planted.ts': ["import 'node:fs';", 'no-io-below-the-adapters'],
      'src/cli/planted.ts': ["import 'p-retry';", 'one-owner-of-p-retry'],
      'tasks/planted.ts': ["import '../src/model/host.js';", 'tasks-use-the-front-door'],
    };
    const tree = await mkdtemp(join(tmpdir(), 'orchestrate-floors-'));
    try {
      await cp(join(root, 'src'), join(tree, 'src'), { recursive: true });
      await mkdir(join(tree, 'tasks'));
      await cp(join(root, 'package.json'), join(tree, 'package.json'));
      await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
      for (const [path, [code]] of Object.entries(planted)) {
        await mkdir(dirname(join(tree, path)), { recursive: true });
        await writeFile(join(tree, path), `${code}\n`);
      }
      const found = (await violationsIn(tree))
        .filter(({ from }) => from in planted)
        .map(({ from, rule }) => [from, rule]);
      for (const [path, [, rule]] of Object.entries(planted)) {
        assert.ok(
          found.some(([from, name]) => from === path && name === rule),
          `${rule} did not name ${path}: ${JSON.stringify(found)}`,
        );
      }
    } finally {
      await rm(tree, { recursive: true });
    }
  }).timeout(60_000);

  it(`keeps files under ${mostLines} lines, or says why in the file`, async () => {
    const long: string[] = [];
    for (const file of await filesBelow(join(root, 'src'))) {
      const text = await readFile(file, 'utf8');
      if (text.split('\n').length > mostLines && !text.includes('Long because'))
        long.push(relative(root, file));
    }
    assert.deepEqual(long, []);
  });

  it('exports every kind', async () => {
    const index = await readFile(join(root, 'src/kinds/index.ts'), 'utf8');
    const kinds = (await readdir(join(root, 'src/kinds'))).filter((name) => name !== 'index.ts');
    const hidden = kinds.filter((name) => !index.includes(`'./${name.replace(/\.ts$/, '.js')}'`));
    assert.deepEqual(hidden, []);
  });

  it('has only the listed things at the top', async () => {
    const allowed = [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'inventory',
      'node_modules',
      'dist',
      'package-lock.json',
      'package.json',
      'src',
      'tasks',
      'test',
      'tsconfig.json',
    ];
    const others = (await readdir(root)).filter((name) => !name.startsWith('.') && !allowed.includes(name));
    assert.deepEqual(others, []);
  });
});
