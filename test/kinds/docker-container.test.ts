import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerContainer, type DockerContainer } from '../../src/kinds/docker-container.js';
import { dockerWipe } from '../../src/kinds/docker-wipe.js';
import { Failed } from '../../src/model/failure.js';
import { localRemote, turn } from '../support/local-remote.js';
import { docker, importTinyImage, mark, needsDocker, sweep } from '../support/tiny-image.js';

const scope = 'container';
const image = `${mark}-${scope}:1`;
const name = `${mark}-${scope}-main`;
const volume = `${mark}-${scope}-data`;
const canary = "can'ary $x \\ #=!é";

/** Ends at once when it is asked to. */
const waits = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'];
const file = { path: '/bin/secret', owner: '1000:0', mode: '0600' };

const box = (word: string): DockerContainer => ({
  name,
  image,
  command: waits,
  env: { WORD: word },
  ports: [{ address: '127.0.0.1', hostPort: 28_431, containerPort: 80 }],
  volumes: [{ volume, path: '/data' }],
  memoryBytes: 64 * 1024 ** 2,
  restart: 'unless-stopped',
  secretFiles: [
    {
      ...file,
      parts: ['word=', { of: { secret: 'PASSWORD' }, sed: 's/!/?/g' }, '\n', { secret: 'PASSWORD' }],
    },
  ],
});

/** The long form of these tests, which takes minutes. */
const isLong = process.env['ORCHESTRATE_LONG'] === '1';

const show = (which: string, format: string): string => docker('inspect', '--format', format, which);
/** Everything that P4 counts of our containers: who, made with what, in which state, started at boot or not. */
const picture = (): readonly string[] =>
  docker('ps', '-a', '--format', '{{.Names}}')
    .split('\n')
    .filter((each) => each.startsWith(name))
    .sort()
    .map((each) =>
      show(each, '{{.Name}} {{.Id}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}} {{.Config.Env}}'),
    );

describe('docker.container', function () {
  this.timeout(60_000);
  const run = 'run-1';
  const secrets = { PASSWORD: canary };
  const remote = localRemote({ secrets });

  before(function () {
    needsDocker.call(this);
    sweep(scope);
    importTinyImage(image);
  });
  beforeEach(() => {
    sweep(`${scope}-`);
    docker('volume', 'create', volume);
  });
  after(() => sweep(scope));

  it('makes one, settles in one turn, plans nothing the second time, and undoes it', async () => {
    const first = await turn(dockerContainer, box('a'), { remote, run });
    assert.ok(first.changed && first.settled);
    assert.equal((await turn(dockerContainer, box('a'), { remote, run: 'run-2' })).changed, false);
    assert.equal(await first.undo(), null);
    assert.deepEqual(picture(), []);
    assert.equal(docker('volume', 'ls', '-q', '--filter', `name=${volume}`), volume, 'the volume stays');
  });

  it('is made as it was written', async () => {
    await turn(dockerContainer, box('a'), { remote, run });
    const format =
      '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.PortBindings}} {{.HostConfig.Binds}}';
    assert.equal(
      show(name, format),
      `67108864 unless-stopped map[80/tcp:[{127.0.0.1 28431}]] [${volume}:/data]`,
    );
  });

  it('sets the old one aside, stopped for good, and brings it back', async () => {
    await turn(dockerContainer, box('a'), { remote, run: 'run-0' });
    const before = picture();
    const second = await turn(dockerContainer, box('b'), { remote, run });
    assert.ok(second.changed && second.settled);
    assert.match(picture().find((line) => line.includes('.before-run-1')) ?? '', /exited no \[WORD=a\]/);
    assert.deepEqual(await second.undo(), second.from);
    assert.deepEqual(picture(), before);
    await second.undo();
    assert.deepEqual(picture(), before, 'undo again changes nothing');
  });

  it('shows what differs, field by field', async () => {
    await turn(dockerContainer, box('a'), { remote, run });
    const seen = await remote.read(dockerContainer.probe({ name }));
    const props = { ...box('b'), memoryBytes: 128 * 1024 ** 2 };
    assert.deepEqual(dockerContainer.describe?.(seen, dockerContainer.target(props, seen), props), [
      { is: 'field', field: 'env WORD', from: 'a', to: 'b' },
      { is: 'field', field: 'memory', from: '64 MiB', to: '128 MiB' },
    ]);
    assert.equal(dockerContainer.warn?.(seen, dockerContainer.target(props, seen), props).length, 1);
  });

  for (const [what, harm, way] of [
    ['stopped', ['stop', name], 'same'],
    ['paused', ['pause', name], 'same'],
    ['given another restart policy', ['update', '--restart', 'no', name], 'same'],
    ['given more memory', ['update', '--memory', '128m', '--memory-swap', '256m', name], 'another'],
  ] as const) {
    it(`mends one that somebody has ${what}`, async () => {
      await turn(dockerContainer, box('a'), { remote, run: 'run-0' });
      const before = show(name, '{{.Id}}');
      docker(...harm);
      const { changed, settled } = await turn(dockerContainer, box('a'), { remote, run });
      assert.ok(changed && settled);
      assert.equal(show(name, '{{.State.Status}}'), 'running');
      assert.equal(show(name, '{{.Id}}') === before ? 'same' : 'another', way);
    });
  }

  describe('a name that is taken', () => {
    const theirs = [
      'create',
      '--name',
      name,
      '--label',
      'com.docker.compose.project=\u001b[31mshop',
      image,
      'sh',
    ];
    const refused = (error: unknown): boolean =>
      error instanceof Failed &&
      error.failure.reason === 'refused' &&
      error.failure.next === 'two ways on' &&
      error.failure.evidence.some((line) => line.includes(image)) &&
      error.failure.evidence.includes('belongs to the compose project \\x1b[31mshop');

    it('is left alone, and it is said whose it is', async () => {
      docker(...theirs);
      const before = picture();
      const props = { ...box('a'), advice: 'two ways on' };
      await assert.rejects(() => turn(dockerContainer, props, { remote, run }), refused);
      const step = {
        id: { name },
        from: null,
        to: dockerContainer.target(props, { state: null, foreign: null }).state,
      };
      await assert.rejects(() => dockerContainer.converge({ ...step, props, run }, remote), refused);
      await assert.rejects(
        () => dockerContainer.converge({ ...step, to: null, props, run }, remote),
        refused,
      );
      assert.deepEqual(picture(), before);
    });

    it('by a container of an image that somebody committed from ours counts as theirs', async () => {
      await turn(dockerContainer, box('a'), { remote, run });
      docker('commit', name, `${mark}-${scope}-copy:1`);
      docker('rm', '-f', name);
      docker('create', '--name', name, `${mark}-${scope}-copy:1`);
      assert.equal((await remote.read(dockerContainer.probe({ name }))).state, null);
      await assert.rejects(() => turn(dockerContainer, box('a'), { remote, run }), Failed);
    });
  });

  it('refuses another tag where data must be taken along, and says what to do', async () => {
    await turn(dockerContainer, box('a'), { remote, run });
    const props = { ...box('a'), image: `${mark}-${scope}:2`, instead: 'use upgrade' };
    await assert.rejects(
      () => turn(dockerContainer, props, { remote, run: 'run-2' }),
      (error) => error instanceof Failed && error.failure.next === 'use upgrade',
    );
  });

  it('makes nothing when the image or the volume is missing, so that Docker makes neither by itself', async () => {
    for (const props of [
      { ...box('a'), image: `${mark}-${scope}-nowhere:1` },
      { ...box('a'), volumes: [{ volume: `${mark}-${scope}-nowhere`, path: '/data' }] },
      { ...box('a'), imageInputs: 'f'.repeat(64) },
    ]) {
      await assert.rejects(
        () => turn(dockerContainer, props, { remote, run }),
        (error) => error instanceof Failed && error.failure.reason === 'refused',
      );
      assert.deepEqual(picture(), []);
    }
  });

  describe('a secret file', () => {
    const content = (): string => docker('exec', name, 'cat', file.path);

    it('is there with its owner and mode when the container starts, and nowhere else', async () => {
      const { to } = await turn(dockerContainer, box('a'), { remote, run });
      assert.equal(content(), `word=${canary.replaceAll('!', '?')}\n${canary}`);
      assert.equal(docker('exec', name, 'stat', '-c', '%u:%g %a', file.path), '1000:0 600');
      const seen = [docker('inspect', name), JSON.stringify(to), ...remote.ran].join('\n');
      assert.ok(!seen.includes("can'ary") && !seen.includes(JSON.stringify(canary).slice(1, -1)));
      assert.equal(spawnSync('sh', ['-c', 'ls -d /run/orchestrate.*']).stdout.toString(), '');
    });

    it('changes nothing when only the secret is another', async () => {
      await turn(dockerContainer, box('a'), { remote, run });
      const other = localRemote({ secrets: { PASSWORD: 'another' } });
      assert.equal((await turn(dockerContainer, box('a'), { remote: other, run: 'run-2' })).changed, false);
    });

    it('is emptied by docker.wipe, keeps owner and mode, and stays empty over a restart', async () => {
      await turn(dockerContainer, box('a'), { remote, run });
      await dockerWipe.fire({ container: name, ...file }, remote);
      assert.equal(content(), '');
      assert.equal(docker('exec', name, 'stat', '-c', '%u:%g %a', file.path), '1000:0 600');
      docker('restart', name);
      assert.equal(content(), '');
    });

    it('is not looked for by docker.wipe where the container is gone or somebody else made it', async () => {
      await dockerWipe.fire({ container: name, ...file }, remote);
      docker('create', '--name', name, image, 'sh');
      await dockerWipe.fire({ container: name, ...file }, remote);
      assert.equal(docker('diff', name), '');
    });
  });

  describe('killed before its nth command', () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'orchestrate-'));
      if (!isLong) console.log('      SHORTENED: ORCHESTRATE_LONG=1 kills at every command');
    });
    after(() => rmSync(folder, { recursive: true }));

    /** A machine on which everything of the run is killed before its nth command that changes something. */
    const dying = (nth: number) => {
      const count = join(folder, 'count');
      writeFileSync(count, '');
      const before = `docker() {
        case "$2" in inspect) ;; *) echo >>${count}; [ $(wc -l <${count}) -ne ${nth} ] || kill -9 0 ;; esac
        command docker "$@"
      }\n`;
      return localRemote({ secrets, before });
    };
    const dies = async (work: Promise<unknown>): Promise<boolean> => {
      try {
        await work;
        return false;
      } catch (error) {
        if (error instanceof Failed && error.failure.reason === 'unknown-outcome') return true;
        throw error;
      }
    };

    const whole = async () => {
      const seen = await remote.read(dockerContainer.probe({ name }));
      assert.equal(docker('exec', name, 'cat', file.path).split('\n')[1], canary);
      return seen.state;
    };

    /** Every command in turn, and one more that finds nothing left to kill. */
    const every = (count: number) => Array.from({ length: count + 1 }, (_, index) => index + 1);

    // Without ORCHESTRATE_LONG only where most is half done: nothing under the name, and one without its file.
    const cases = isLong
      ? [
          { onto: 'nothing', commands: 3, points: every(3) },
          { onto: 'an old one', commands: 6, points: every(6) },
        ]
      : [{ onto: 'an old one', commands: 6, points: [4, 5] }];

    for (const { onto, commands, points } of cases) {
      it(`onto ${onto}: run again it gets there, undone it is as before`, async () => {
        for (const nth of points) {
          for (const then of ['again', 'undo']) {
            sweep(`${scope}-main`);
            if (onto !== 'nothing') await turn(dockerContainer, box('a'), { remote, run: 'run-0' });
            const start = picture();
            const seen = await remote.read(dockerContainer.probe({ name }));
            const wanted = dockerContainer.target(box('b'), seen);
            const step = { id: { name }, from: seen.state, to: wanted.state, props: box('b'), run };
            const died = await dies(dockerContainer.converge(step, dying(nth)));
            if (then === 'again') {
              assert.equal(died, nth <= commands, `there are ${commands} commands`);
              const { settled } = await turn(dockerContainer, box('b'), { remote, run });
              assert.ok(settled, `again after ${nth}`);
              assert.deepEqual(await whole(), wanted.state);
              assert.equal(picture().length, start.length + 1);
            } else {
              const back = { ...step, from: step.to, to: step.from, props: null };
              await dies(dockerContainer.converge(back, dying(nth)));
              await dockerContainer.converge(back, remote);
              assert.deepEqual(picture(), start, `undone after ${nth}, undo killed before ${nth}`);
            }
          }
        }
      });
    }
  });
});
