import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerImage, type DockerImage } from '../../src/kinds/docker-image.js';
import { Failed } from '../../src/model/failure.js';
import { localRemote, turn } from '../support/local-remote.js';
import { docker, importTinyImage, mark, needsDocker, sweep } from '../support/tiny-image.js';

const scope = 'image';
const base = `${mark}-${scope}-base:1`;
const tag = `${mark}-${scope}:1`;

const dockerfile = (word: string): string => `FROM ${base} AS build
RUN mkdir -p /made \\
  # a comment does not end the instruction
  && echo ${word} >/made/word
FROM ${base}
COPY --from=build --chown=1000:0 /made /made
COPY more /made/
CMD ["cat", "/made/word", "/made/it's"]
`;

const built = (word: string): DockerImage => ({
  tag,
  from: { build: { dockerfile: dockerfile(word), files: { "more/it's": 'a "file" with $HOME\n' } } },
});

/** Every image of the engine that these tests could have left, with intermediate ones, by label. */
const labelledImages = (): string => docker('images', '-a', '-q', '--filter', 'label=orchestrate.inputs');
/** Every tag of these tests with its image. The engine lists equal ages in any order, and others use it too. */
const tagsNow = (): readonly string[] =>
  docker('images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}')
    .split('\n')
    .filter((line) => line.startsWith(mark))
    .sort();
const idOf = (name: string): string => docker('image', 'inspect', '--format', '{{.Id}}', name);

describe('docker.image', function () {
  this.timeout(60_000);
  const run = 'run-1';
  const remote = localRemote();

  before(function () {
    needsDocker.call(this);
    sweep(scope);
    importTinyImage(base);
  });

  afterEach(() => docker('images', '-q', tag) !== '' && docker('rmi', tag));
  after(() => sweep(scope));

  it('builds, settles in one turn, and plans nothing the second time', async () => {
    const first = await turn(dockerImage, built('one'), { remote, run });
    assert.equal(first.from, null);
    assert.ok(first.changed && first.settled);
    assert.equal(docker('run', '--rm', tag), 'one\na "file" with $HOME');
    const second = await turn(dockerImage, built('one'), { remote, run });
    assert.equal(second.changed, false);
    assert.ok(
      remote.told.some((line) => /^Step 2\/\d+ : LABEL|^#/.test(line)),
      'the steps are told',
    );
  });

  it('leaves nothing without a tag behind, and nothing at all after undo', async () => {
    const before = { tags: tagsNow(), ours: labelledImages() };
    const { undo } = await turn(dockerImage, built('two'), { remote, run });
    assert.equal(
      docker('images', '-q', '--filter', 'dangling=true', '--filter', 'label=orchestrate.inputs'),
      '',
    );
    assert.equal(await undo(), null);
    assert.deepEqual({ tags: tagsNow(), ours: labelledImages() }, before);
  });

  it('points the tag back to the image that was there before', async () => {
    docker('tag', base, tag);
    const before = { tags: tagsNow(), ours: labelledImages() };
    const { undo, now, from } = await turn(dockerImage, built('three'), { remote, run });
    assert.notEqual(now?.id, from?.id);
    assert.equal(idOf(`${tag}.before-${run}`), idOf(base));
    assert.deepEqual(await undo(), from);
    assert.deepEqual({ tags: tagsNow(), ours: labelledImages() }, before);
  });

  it('builds again when an input changes, and comes back to the image of before without a build', async () => {
    const first = await turn(dockerImage, built('old'), { remote, run: 'run-0' });
    const second = await turn(dockerImage, built('new'), { remote, run });
    assert.ok(second.changed && second.settled);
    assert.deepEqual(second.from, first.now);
    assert.deepEqual(await second.undo(), first.now);
    assert.equal(docker('run', '--rm', tag).split('\n')[0], 'old');
  });

  it('sweeps what a build that broke left, and shows its last lines', async () => {
    const before = labelledImages();
    const broken = {
      tag,
      from: { build: { dockerfile: `FROM ${base}\nRUN echo so far\nRUN echo why; exit 7\n` } },
    };
    await assert.rejects(
      () => turn(dockerImage, broken, { remote, run }),
      (error) => {
        assert.ok(error instanceof Failed);
        assert.equal(error.failure.reason, 'command-failed');
        assert.ok(error.failure.evidence.some((line) => line.includes('why')));
        return true;
      },
    );
    assert.equal(labelledImages(), before);
  });

  it('says what to do when the base is not on the host', async () => {
    const advice = 'set keycloak.imageArchive';
    const props = { tag, advice, from: { build: { dockerfile: `FROM ${mark}-nowhere:1\n` } } };
    await assert.rejects(
      () => turn(dockerImage, props, { remote, run }),
      (error) =>
        error instanceof Failed && error.failure.what.includes('nowhere:1') && error.failure.next === advice,
    );
  });

  it('says what to do when an image cannot be pulled', async () => {
    const props = {
      tag: `${mark}-${scope}-nowhere:1`,
      advice: 'ship an archive',
      from: { pull: true },
    } as const;
    await assert.rejects(
      () => turn(dockerImage, props, { remote, run }),
      (error) => error instanceof Failed && error.failure.next === 'ship an archive',
    );
  });

  describe('from an archive', () => {
    const one = `${mark}-${scope}-one:1`;
    const two = `${mark}-${scope}-two:1`;
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'orchestrate-'));
      for (const name of [one, two]) docker('tag', base, name);
      docker('save', '-o', join(folder, 'both.tar'), one, two);
      docker('rmi', one, two);
    });
    after(() => rmSync(folder, { recursive: true }));
    afterEach(() => docker('images', '-q', one) !== '' && docker('rmi', one));

    for (const tool of ['plain', 'gzip']) {
      it(`loads one image of several, ${tool}, and takes the others back`, async () => {
        const archive = join(folder, `both.${tool}`);
        const plain = readFileSync(join(folder, 'both.tar'));
        writeFileSync(
          archive,
          tool === 'plain' ? plain : execFileSync(tool, ['-c'], { input: plain, maxBuffer: 1 << 28 }),
        );
        const before = tagsNow();
        const props = { tag: one, from: { archive } };
        const { settled, undo } = await turn(dockerImage, props, { remote, run });
        assert.ok(settled);
        assert.equal(docker('images', '-q', two), '');
        assert.equal((await turn(dockerImage, props, { remote, run })).changed, false);
        await undo();
        assert.deepEqual(tagsNow(), before);
      });
    }

    it('points a tag that came along back to where it was', async () => {
      docker('import', '-c', 'LABEL x=y', join(folder, 'both.tar'), two);
      const before = idOf(two);
      await turn(dockerImage, { tag: one, from: { archive: join(folder, 'both.tar') } }, { remote, run });
      assert.equal(idOf(two), before);
      docker('rmi', two);
    });

    it('refuses an archive that holds something else, and names what it holds', async () => {
      const before = tagsNow();
      const props = { tag, from: { archive: join(folder, 'both.tar') } };
      await assert.rejects(
        () => turn(dockerImage, props, { remote, run }),
        (error) => error instanceof Failed && error.failure.evidence.includes(`it holds ${two}`),
      );
      assert.deepEqual(tagsNow(), before);
    });

    it('shows what docker says of a file that is no archive', async () => {
      const archive = join(folder, 'noise');
      writeFileSync(archive, 'not a tar');
      await assert.rejects(
        () => turn(dockerImage, { tag, from: { archive } }, { remote, run }),
        (error) => error instanceof Failed && error.failure.what.includes('could not load'),
      );
    });
  });
});
