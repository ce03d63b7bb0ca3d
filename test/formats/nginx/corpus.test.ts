import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { type EditOutcome, Refused } from '../../../src/formats/outcome.js';
import {
  editNginx,
  findServer,
  parseNginx,
  type ServerChoice,
  serversIn,
} from '../../../src/formats/nginx/index.js';
import { namesOf } from '../../../src/formats/nginx/server-name.js';
import { bytesOf, textOf } from '../../../src/formats/source.js';
import { type CorpusFile, nginxCorpus } from './corpus.js';
import { asMain, inHttp, needsNginx, nginxTest, stubFolder } from './real-nginx.js';
import { signInEdits, signInRoutes, withoutSignIn } from './sign-in-edits.js';
import { stubbed } from './stubbed.js';

const reviewed = new URL('corpus-outcomes.txt', import.meta.url);

interface Trial {
  readonly file: CorpusFile;
  readonly choice: ServerChoice;
  readonly outcome: EditOutcome;
}

const all = (choice: ServerChoice) => [...signInEdits(choice), ...signInRoutes(choice)];

/** A domain that the file could be meant for: one whose TLS server is found, else any name in it. */
function domainOf({ bytes }: CorpusFile): string {
  try {
    const tree = parseNginx(bytes);
    const names = serversIn(tree)
      .flatMap(({ block }) => namesOf(tree, block))
      .filter((name) => /^[\w.<$-]/.test(name) && !/^(_|default_server)$/.test(name))
      .map((name) => name.replace(/\.\*$/, '.example.com').replace(/^\./, ''));
    return names.find((domain) => found(bytes, domain)) ?? names[0] ?? 'meet.example.com';
  } catch {
    return 'meet.example.com';
  }
}

function found(bytes: Uint8Array, domain: string): boolean {
  try {
    findServer(parseNginx(bytes), { domain });
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

const trials = nginxCorpus().map((file): Trial => {
  const choice = { domain: domainOf(file) };
  return { file, choice, outcome: editNginx(file.bytes, all(choice)) };
});

const edited = trials.flatMap(({ outcome, ...rest }) =>
  outcome.is === 'edited' ? [{ ...rest, after: outcome.bytes }] : [],
);

describe('the sign-in edits on the corpus', function () {
  this.timeout(60_000);

  before(function () {
    if (trials.length > 0) return;
    console.warn('NOT RUN: the corpus is not there; set ORCHESTRATE_CORPUS');
    this.skip();
  });

  it('have the outcomes that were reviewed', () => {
    const rows = trials.map(({ file, choice, outcome }) => {
      const what =
        outcome.is === 'refused'
          ? `refused\t${outcome.refusal.code}\t${outcome.refusal.message}`
          : outcome.is;
      return `${file.name}\t${choice.domain}\t${what}\n`;
    });
    const kinds = trials.map(({ outcome }) => (outcome.is === 'refused' ? outcome.refusal.code : outcome.is));
    const counts = [...new Set(kinds)]
      .sort()
      .map((kind) => `${kind} ${kinds.filter((each) => each === kind).length}`);
    console.info(`      ${trials.length} files: ${counts.join(', ')}`);
    if (process.env['ORCHESTRATE_REVIEW'] === '1') writeFileSync(reviewed, rows.join(''));
    assert.equal(rows.join(''), readFileSync(reviewed, 'utf8'), 'ORCHESTRATE_REVIEW=1 writes the new table');
  });

  it('only insert: every byte of the file stays', () => {
    for (const { file, after } of edited) {
      const [old, now] = [textOf(file.bytes), textOf(after)];
      let head = 0;
      while (head < old.length && old[head] === now[head]) head += 1;
      assert.equal(now.slice(now.length - (old.length - head)), old.slice(head), file.name);
    }
  });

  it('find nothing to do the second time', () => {
    for (const { file, choice, after } of edited)
      assert.equal(editNginx(after, all(choice)).is, 'already', file.name);
  });

  it('are taken out again to the original bytes, in one go and one after the other in reverse', () => {
    for (const { file, choice, after } of edited) {
      const out = editNginx(after, withoutSignIn(choice));
      assert.ok(out.is === 'edited' && Buffer.from(out.bytes).equals(file.bytes), file.name);
      let bytes = after;
      for (const edit of withoutSignIn(choice).toReversed()) {
        const step = editNginx(bytes, [edit]);
        assert.equal(step.is, 'edited', file.name);
        bytes = step.bytes;
      }
      assert.ok(Buffer.from(bytes).equals(file.bytes), file.name);
    }
  });

  it('change only the values that differ for another realm', () => {
    for (const { file, choice, after } of edited) {
      const other = [
        ...withoutSignIn(choice)
          .filter(({ is }) => is === 'remove-location')
          .slice(2, 3),
        ...signInEdits(choice, 'other'),
      ];
      const outcome = editNginx(after, other);
      assert.equal(outcome.is, 'edited', file.name);
      const fresh = editNginx(file.bytes, signInEdits(choice, 'other'));
      assert.equal(fresh.is, 'edited');
      const sorted = (bytes: Uint8Array): readonly string[] => textOf(bytes).split(/\s+/).sort();
      assert.deepEqual(sorted(outcome.bytes), sorted(fresh.bytes), file.name);
    }
  });

  it('turn no file away that nginx accepts and that holds a server with TLS', function () {
    needsNginx(this);
    const folder = stubFolder();
    const judge = (bytes: Uint8Array): { accepts: boolean; says: string } =>
      nginxTest(folder.path, whole(textOf(bytes)));
    try {
      const unread = (outcome: EditOutcome): boolean =>
        outcome.is === 'refused' && outcome.refusal.code === 'syntax';
      for (const { file, outcome } of trials) {
        if (unread(outcome))
          assert.ok(!nginxTest(folder.path, inHttp(textOf(file.bytes))).accepts, file.name);
      }
      const valid = trials.filter(({ file, outcome }) => !unread(outcome) && judge(file.bytes).accepts);
      const meant = valid.filter(({ file }) => speaksTls(file));
      const refused = meant.filter(({ outcome }) => outcome.is === 'refused');
      console.info(
        `      nginx accepts ${valid.length} files, ${meant.length} hold a server with TLS, ${refused.length} of these refused`,
      );
      for (const { file, outcome } of refused)
        console.info(`      ${file.name}: ${outcome.is === 'refused' ? outcome.refusal.message : ''}`);
      assert.ok(meant.length >= 15 && refused.length <= 0.03 * meant.length);
      for (const { file, outcome } of meant) {
        if (outcome.is !== 'edited') continue;
        const { accepts, says } = judge(outcome.bytes);
        assert.ok(accepts, `${file.name}: ${says}`);
      }
    } finally {
      folder.remove();
    }
  });
});

/** These serve TLS, but for the `stream` module: mail and raw TCP, without any server of HTTP. */
const streamOnly = ['AgenaTrader--jitsi-meet.conf', 'DanWin--nginx.conf', 'jitsi-contrib--jitsi-meet.conf'];

/** Whether a file holds a server with TLS, told from its text alone and not by the code under test. */
const speaksTls = ({ name, bytes }: CorpusFile): boolean =>
  !streamOnly.includes(name) &&
  /(^|[{;\s])(listen\s[^;#]*\b(443|ssl)\b|ssl\s+on|ssl_certificate\s)/.test(
    textOf(bytes).replace(/^\s*#.*$/gm, ''),
  );

/** A file as a whole config: as it is when it has its own `http`, else inside one. */
function whole(text: string): string {
  const body = stubbed(text);
  const { children } = parseNginx(bytesOf(text));
  const main = children.some((item) => item.is === 'block' && /^(http|events|stream)$/.test(item.name));
  return main ? asMain(body) : inHttp(body);
}
