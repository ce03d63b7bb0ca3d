import { spawn } from 'node:child_process';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installOnMachine, mayInstall } from './apt-install.js';
import { cacheFolder } from './cache.js';
import { need, run } from './command.js';
import { LabError } from './lab-error.js';
import { alone } from './lock.js';
import { programOf } from './process.js';
import { announced, type Say } from './progress.js';

/** The Docker engine that the lab's hosts run in. */
export interface Engine {
  readonly version: string;
  /** The machine's cgroup hierarchy decides how systemd gets its own inside a container. */
  readonly cgroups: 1 | 2;
}

interface DockerInfo {
  readonly ServerVersion?: string;
  readonly CgroupVersion?: string;
  readonly ServerErrors?: readonly string[];
}

type Answer =
  | { readonly is: 'engine'; readonly engine: Engine }
  | { readonly is: 'silent'; readonly evidence: string };

const startLimitMs = 60_000;
const askAgainMs = 250;

/**
 * Finds the machine's Docker engine, or installs and starts one (root on Debian or Ubuntu) and leaves it running.
 * An engine that we did not start is never stopped. Throws {@link LabError} where a person has to act.
 */
export async function ensureEngine(say: Say): Promise<Engine> {
  const first = await ask();
  if (first.is === 'engine') return first.engine;
  await refuseUnlessOurs(first.evidence);
  return alone('engine', say, async () => {
    await installMissing(say);
    const started = await ask();
    if (started.is === 'engine') return started.engine;
    return announced(say, 'starting the Docker engine', start);
  });
}

async function ask(): Promise<Answer> {
  const answer = await run(['docker', 'info', '--format', '{{json .}}']);
  if (answer.code === 127) return { is: 'silent', evidence: 'the docker command is not installed' };
  const info = JSON.parse(answer.stdout === '' ? '{}' : answer.stdout) as DockerInfo;
  if (info.ServerVersion === undefined || info.ServerVersion === '') {
    return { is: 'silent', evidence: [answer.stderr.trim(), ...(info.ServerErrors ?? [])].join(' ').trim() };
  }
  return {
    is: 'engine',
    engine: { version: info.ServerVersion, cgroups: info.CgroupVersion === '2' ? 2 : 1 },
  };
}

/** Only on a machine where we may install and start an engine does the lab go on without one. */
async function refuseUnlessOurs(evidence: string): Promise<void> {
  const elsewhere = process.env['DOCKER_HOST'] ?? '';
  if (elsewhere !== '') {
    throw new LabError(
      `No Docker engine answers at DOCKER_HOST=${elsewhere}: ${evidence}`,
      'start that engine, or unset DOCKER_HOST to use the engine of this machine.',
    );
  }
  if (/permission denied/i.test(evidence)) {
    throw new LabError(
      `A Docker engine is there, but this user may not use it: ${evidence}`,
      'add the user to the group docker (usermod -aG docker USER, then log in again), or run this as root.',
    );
  }
  if (!(await mayInstall())) {
    throw new LabError(
      `No Docker engine answers here: ${evidence}`,
      'install and start Docker (https://docs.docker.com/engine/install), or run this as root on Debian or Ubuntu, where the lab does it by itself.',
    );
  }
}

/** Debian 13 has the docker command in a package of its own; elsewhere it comes with the engine. */
async function installMissing(say: Say): Promise<void> {
  const [engine, command, iptables] = await Promise.all(['dockerd', 'docker', 'iptables'].map(isInstalled));
  const needed = [...(engine ? [] : ['docker.io']), ...(iptables ? [] : ['iptables'])];
  const ifThere = command ? [] : ['docker-cli'];
  if (needed.length + ifThere.length > 0) await installOnMachine({ needed, ifThere }, say);
}

async function isInstalled(program: string): Promise<boolean> {
  const found = await run(['sh', '-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${program}`]);
  return found.code === 0;
}

async function start(): Promise<Engine> {
  if (
    await stat('/run/systemd/system').then(
      () => true,
      () => false,
    )
  )
    await need(['systemctl', 'start', 'docker']);
  else await startWithoutSystemd();
  const giveUpAt = performance.now() + startLimitMs;
  for (;;) {
    const answer = await ask();
    if (answer.is === 'engine') return answer.engine;
    if (performance.now() > giveUpAt) throw await silentEngine(answer.evidence);
    await sleep(askAgainMs);
  }
}

async function silentEngine(evidence: string): Promise<LabError> {
  const log = await readFile(await logPath(), 'utf8').catch(() => '');
  const last = log.trim().split('\n').slice(-8).join('\n    ');
  return new LabError(
    `dockerd was started but does not answer after ${startLimitMs / 1000} s: ${evidence}\n    ${last}`,
    `read ${await logPath()} (or: journalctl -u docker), start dockerd by hand, then run this again.`,
  );
}

async function logPath(): Promise<string> {
  return join(await cacheFolder(), 'dockerd.log');
}

/** In a session of its own and with its output in a file, so that it outlives us. */
async function startWithoutSystemd(): Promise<void> {
  await removeStale('/run/docker.pid', 'dockerd');
  await removeStale('/run/docker/containerd/containerd.pid', 'containerd');
  if (await isRunning('/run/docker.pid', 'dockerd')) return;
  await rm('/run/docker.sock', { force: true });
  const log = await open(await logPath(), 'a', 0o600);
  const daemon = spawn('dockerd', [], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  await new Promise<void>((resolve, reject) => {
    daemon.once('spawn', resolve);
    daemon.once('error', reject);
  });
  daemon.unref();
  await log.close();
}

/** After a crash the number in a pid file may belong to any other process by now; dockerd would refuse to start. */
async function removeStale(pidFile: string, program: string): Promise<void> {
  if (!(await isRunning(pidFile, program))) await rm(pidFile, { force: true });
}

async function isRunning(pidFile: string, program: string): Promise<boolean> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
  return (await programOf(pid)) === program;
}

const inotifyPath = '/proc/sys/fs/inotify/max_user_instances';
/** Each host with systemd and dockerd takes about 30 of them; 128 is the kernel's default. */
const inotifyWanted = 1024;

/** Makes room for several systemd hosts at once: raises the machine's inotify limit, or says how to. */
export async function ensureInotify(say: Say): Promise<void> {
  const now = Number(await readFile(inotifyPath, 'utf8').catch(() => String(inotifyWanted)));
  if (now >= inotifyWanted) return;
  try {
    await writeFile(inotifyPath, String(inotifyWanted));
    say(`raised fs.inotify.max_user_instances from ${now} to ${inotifyWanted} until the next boot`);
  } catch {
    say(
      `fs.inotify.max_user_instances is ${now}: several hosts at once may not start. As root: sysctl fs.inotify.max_user_instances=${inotifyWanted}`,
    );
  }
}
