import assert from 'node:assert/strict';
import { dockerVolume } from '../../src/kinds/docker-volume.js';
import { Failed } from '../../src/model/failure.js';
import { localRemote, turn } from '../support/local-remote.js';
import { docker, mark, needsDocker, sweep } from '../support/tiny-image.js';

const scope = 'volume';
const name = `${mark}-${scope}`;
const volumes = (): string => docker('volume', 'ls', '-q', '--filter', `name=${name}`);

describe('docker.volume', function () {
  this.timeout(20_000);
  const remote = localRemote();

  before(needsDocker);
  beforeEach(() => sweep(scope));
  after(() => sweep(scope));

  it('makes a volume, settles in one turn, plans nothing the second time, and undoes it', async () => {
    const first = await turn(dockerVolume, { name }, { remote, run: 'run-1' });
    assert.ok(first.changed && first.settled);
    assert.equal((await turn(dockerVolume, { name }, { remote, run: 'run-2' })).changed, false);
    assert.equal(await first.undo(), null);
    assert.equal(await first.undo(), null, 'undo again finds nothing to do');
    assert.equal(volumes(), '');
  });

  it('uses a volume of somebody else as it is', async () => {
    docker('volume', 'create', name);
    const { changed, settled } = await turn(dockerVolume, { name }, { remote, run: 'run-1' });
    assert.ok(!changed && settled);
  });

  for (const [whose, labels] of [
    ['somebody else', []],
    ['another run', ['--label', 'orchestrate.run=run-0']],
  ] as const) {
    it(`never removes a volume that ${whose} made`, async () => {
      docker('volume', 'create', ...labels, name);
      const undo = { id: { name }, from: { driver: 'local' }, to: null, props: null, run: 'run-1' };
      await assert.rejects(
        () => dockerVolume.converge(undo, remote),
        (error) => error instanceof Failed && error.failure.reason === 'changed-meanwhile',
      );
      assert.equal(volumes(), name);
    });
  }

  it('tells the engine that a rollback keeps it', () => assert.equal(dockerVolume.keepOnRollback, true));

  it('refuses a name that Docker would read as something else', () => {
    for (const bad of ['-rf', '/etc', 'a', 'a b', 'a\n']) {
      assert.throws(() => dockerVolume.identify({ name: bad }), Failed, bad);
    }
  });
});
