import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

/** A real Keycloak of the tests, fresh at its start and shared by all of a process's tests. */
export interface TestKeycloak {
  readonly port: number;
  readonly admin: { readonly username: string; readonly password: string };
  /** Seconds from its start to its first answer "ready". */
  readonly startedIn: number;
}

/** The newest version that the tests prove. */
const version = '26.7.3';
const image = `quay.io/keycloak/keycloak:${version}`;
const admin = { username: 'admin', password: 'Adm1n-of-the-tests' };
const run = promisify(execFile);

const shared: { starting?: Promise<TestKeycloak | null> } = {};

/**
 * Starts Keycloak from the lab's image, once. null, with a loud word on stderr, when the image is not here.
 */
export function testKeycloak(): Promise<TestKeycloak | null> {
  shared.starting ??= start();
  return shared.starting;
}

/** For a suite's `before`: gives Keycloak, or skips the suite. */
export async function keycloakOrSkip(context: Mocha.Context): Promise<TestKeycloak> {
  context.timeout(240_000);
  const keycloak = await testKeycloak();
  return keycloak ?? context.skip();
}

async function start(): Promise<TestKeycloak | null> {
  if (await answers('docker', 'image', 'inspect', image)) return startContainer();
  console.error(
    `\n  SKIPPED: every test against a real Keycloak. The image ${image} is not here; \`npm test\` makes it.\n`,
  );
  return null;
}

const answers = (command: string, ...words: readonly string[]): Promise<boolean> =>
  run(command, words).then(
    () => true,
    () => false,
  );

/** On this machine's own network: its mail server and proxies are those of the tests, on loopback. */
async function startContainer(): Promise<TestKeycloak> {
  const [port, management] = [await freePort(), await freePort()];
  const began = Date.now();
  const { stdout } = await run('docker', [
    ...['run', '-d', '--label', 'orchestrate.test=keycloak', '--memory', '1200m', '--network', 'host'],
    ...Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    ...[image, 'start-dev', '--db=dev-mem', '--health-enabled=true', '--proxy-headers=xforwarded'],
    ...['--http-host=127.0.0.1', `--http-port=${port}`, `--http-management-port=${management}`],
  ]);
  const container = stdout.trim();
  process.on('exit', () => {
    spawn('docker', ['rm', '-f', '-v', container], { stdio: 'ignore', detached: true }).unref();
  });
  await ready(`http://127.0.0.1:${management}/health/ready`, container);
  return { port, admin, startedIn: (Date.now() - began) / 1000 };
}

const settings = {
  KC_BOOTSTRAP_ADMIN_USERNAME: admin.username,
  KC_BOOTSTRAP_ADMIN_PASSWORD: admin.password,
  JAVA_OPTS_KC_HEAP: '-Xms128m -Xmx512m',
};

/** Waits for "ready", for three minutes at most, or until the container has ended. */
async function ready(url: string, container: string): Promise<void> {
  for (const end = Date.now() + 180_000; Date.now() < end; ) {
    const is = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (is) return;
    const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Running}}', container]);
    if (stdout.trim() !== 'true')
      throw new Error(`Keycloak ended before it was ready:\n${await lastLines(container)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('Keycloak was not ready within three minutes');
}

async function lastLines(container: string): Promise<string> {
  const { stdout, stderr } = await run('docker', ['logs', '--tail', '20', container]);
  return stdout + stderr;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
