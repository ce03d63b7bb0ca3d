// npm run demo: the main job on a throw-away host. Plain JavaScript, because it runs before anything is installed.
//   npm run demo              sets everything up, applies, proves, and leaves the host running
//   npm run demo -- --down    removes the host again
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`orchestrate needs Node 20.19 or later; this is Node ${process.versions.node}`);
  process.exit(2);
}

function must(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const installed = join(root, 'node_modules/.package-lock.json');
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs) {
  console.log('installing dependencies (npm ci; about half a minute) …');
  must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error']);
}
if (!existsSync(join(root, 'dist/src/cli/main.js'))) must('npm', ['run', '--silent', 'prepare']);
must(process.execPath, ['--conditions=orchestrate-source', '--import', 'tsx', 'test/lab/demo.ts', ...process.argv.slice(2)]);
