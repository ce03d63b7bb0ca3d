// The whole gate, from a fresh clone: dependencies, types, lint, format, the lab, all tests.
// Plain JavaScript, because it runs before anything is installed.
//   node test/run.mjs             everything of the gate
//   node test/run.mjs --long      the long sweeps as well
//   node test/run.mjs FILE…       only these test files, without the checks
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? '.', '..');
const oldest = [20, 19];

const bin = (name) => join(root, 'node_modules/.bin', name);

function mustBeRecentNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  console.error(`orchestrate needs Node ${oldest.join('.')} or later; this is Node ${process.versions.node}`);
  process.exit(2);
}

/** Runs a command with its output shown. Gives its exit code. */
function run(title, command, args, env = {}) {
  const startedAt = Date.now();
  console.log(`\n== ${title}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  console.log(`== ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${Math.round((Date.now() - startedAt) / 1000)} s)`);
  return status ?? 1;
}

function must(...step) {
  const status = run(...step);
  if (status === 0) return;
  console.log('\n0 passed, 1 failed');
  process.exit(status);
}

function installDependencies() {
  const lock = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  must('dependencies (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund']);
}

mustBeRecentNode();
installDependencies();
const args = process.argv.slice(2);
const long = args.includes('--long');
const files = args.filter((arg) => !arg.startsWith('--'));
const tsx = ['--conditions=orchestrate-source', '--import', 'tsx'];
if (files.length === 0) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.log(`orchestrate ${version} on Node ${process.versions.node}`);
  must('types', bin('tsc'), ['-p', 'test/tsconfig.json']);
  must('lint', bin('eslint'), ['-c', 'test/eslint.config.js', 'src', 'tasks', 'test']);
  must('format', bin('biome'), ['format', 'src', 'tasks', 'test']);
  must('build', 'npm', ['run', '--silent', 'prepare']);
  must('the lab', process.execPath, [...tsx, 'test/lab/prepare.ts', '--with', 'judges,browser,host,keycloak']);
}
process.exit(
  run('tests', bin('mocha'), ['--reporter', 'test/support/closing-line.cjs', ...(files.length > 0 ? files : ['test/**/*.test.ts'])], {
    TESTCONTAINERS_RYUK_DISABLED: 'true',
    ...(long ? { ORCHESTRATE_LONG: '1' } : {}),
  }),
);
