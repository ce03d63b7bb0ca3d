import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const binary = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'].find(existsSync);
/** Whether nginx's Lua module is installed too. */
export const hasLua = existsSync('/usr/lib/nginx/modules/ngx_http_lua_module.so');

/** Skips the test, loudly, on a machine without nginx. */
export function needsNginx(context: Mocha.Context): void {
  if (binary) return;
  console.warn('NOT RUN: nginx is not installed on this machine (Debian: apt-get install nginx)');
  context.skip();
}

/** A folder with one self-signed certificate (`stub.crt`, `stub.key`), for files that name certificates of their own. */
export function stubFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'orchestrate-nginx-'));
  const subject = [
    '-subj',
    '/CN=stub.example',
    '-days',
    '2',
    '-nodes',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
  ];
  const files = ['-keyout', join(path, 'stub.key'), '-out', join(path, 'stub.crt')];
  execFileSync('openssl', ['req', '-x509', ...subject, ...files], { stdio: 'ignore' });
  mkdirSync(join(path, 'logs'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

const modulesIn = '/usr/lib/nginx/modules';

/** The modules of sites in the wild that are installed here. */
const modules = ['ndk_http', 'ngx_http_lua', 'ngx_stream']
  .map((name) => `${modulesIn}/${name}_module.so`)
  .filter(existsSync)
  .map((file) => `load_module ${file};\n`)
  .join('');

const tempPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
  (name) => `${name}_temp_path tmp_${name};`,
);

/** A main config around text that belongs into `http`; it keeps everything inside its folder and needs no rights. */
export const inHttp = (text: string): string =>
  `${modules}daemon off; master_process off; pid nginx.pid; error_log stderr notice;
events { worker_connections 256; }
http { ${tempPaths.join(' ')} ssl_certificate stub.crt; ssl_certificate_key stub.key;
${text}
}
`;

/** A main config of somebody else's, kept to its folder. */
export const asMain = (text: string): string => `${modules}pid nginx.pid;\n${text}`;

/** What `nginx -t` says of a whole config, held as latin1. */
export function nginxTest(
  folder: string,
  config: string,
): { readonly accepts: boolean; readonly says: string } {
  if (!binary) throw new Error('nginx is not installed');
  const file = join(folder, 'test.conf');
  writeFileSync(file, config, 'latin1');
  const { status, stderr } = spawnSync(binary, ['-t', '-q', '-p', folder, '-c', file], {
    encoding: 'latin1',
  });
  return { accepts: status === 0, says: stderr };
}

/** A running nginx on loopback. */
export interface RunningNginx {
  /** Sends one GET with a forged X-Forwarded-For; the path goes out as it is. */
  get(port: number, host: string, path: string): Promise<Reply>;
  stop(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly location: string;
  /** Held as latin1. */
  readonly body: string;
}

/** Free ports on 127.0.0.1. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Starts nginx with a whole config and resolves once it listens. */
export async function startNginx(folder: string, config: string): Promise<RunningNginx> {
  if (!binary) throw new Error('nginx is not installed');
  const file = join(folder, 'run.conf');
  writeFileSync(file, config, 'latin1');
  const child = spawn(binary, ['-p', folder, '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    // nginx opens its sockets before it names its event method.
    createInterface(child.stderr).on('line', (line) => {
      said.push(line);
      if (line.includes('event method')) resolve();
    });
    void exited.then(() => reject(new Error(`nginx ended: ${said.slice(-5).join('\n')}`)));
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return {
    get: (port, host, path) => getOnce(agent, port, host, path),
    stop: async () => {
      agent.destroy();
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function getOnce(agent: Agent, port: number, host: string, path: string): Promise<Reply> {
  const asked = request({
    agent,
    host: '127.0.0.1',
    port,
    path,
    headers: { host, 'x-forwarded-for': '6.6.6.6' },
    timeout: 10_000,
  });
  asked.on('timeout', () => asked.destroy(new Error(`no answer for ${path}`)));
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.setEncoding('latin1');
  let body = '';
  for await (const chunk of response) body += chunk as string;
  return { status: response.statusCode ?? 0, location: response.headers.location ?? '', body };
}
