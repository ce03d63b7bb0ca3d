import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editProsody } from '../../../src/formats/prosody/apply.js';
import { type ProsodyEdit, prosody, type SectionSelector } from '../../../src/formats/prosody/edit.js';
import { readProsody } from '../../../src/formats/prosody/read.js';
import { undoProsody } from '../../../src/formats/prosody/undo.js';
import { bytesOf, textOf } from '../../../src/formats/source.js';
import { need } from '../lua/tool.js';
import { prosodyText } from './generated.js';
import { differences, loadedByProsody, prosodyLua } from './prosody-judge.js';
import { signInEdits, signInOf } from './sign-in.js';

const size = process.env['ORCHESTRATE_LONG'] ? 30_000 : 600;

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '"',
    "'",
    ']]',
    '\n',
    '$(x)',
    ';',
    '</script>',
    '\0',
    '\\',
    '" VirtualHost "evil',
    '\r',
    '--',
    'ü',
  ),
);
const selector: fc.Arbitrary<SectionSelector> = fc.constantFrom<SectionSelector>(
  'global',
  { host: 'd' },
  { host: 'e' },
  { component: 'conference.d' },
  { muc: 'd' },
);
const edit: fc.Arbitrary<ProsodyEdit> = fc.oneof(
  fc
    .tuple(selector, fc.constantFrom('authentication', 'app_id', 'new_one'), text)
    .map(([section, option, value]) => prosody.set(section, option, value)),
  fc
    .tuple(selector, fc.constantFrom('modules_enabled', 'asap_accepted_issuers'), fc.array(text))
    .map(([section, option, value]) => prosody.set(section, option, value)),
  fc
    .tuple(selector, fc.array(text))
    .map(([section, values]) => prosody.add(section, 'modules_enabled', values)),
  fc
    .tuple(selector, fc.constantFrom('ping', 'bosh', 'a b'))
    .map(([section, value]) => prosody.remove(section, 'modules_enabled', [value])),
  fc
    .tuple(selector, fc.constantFrom('admins', 'a', 'ssl'))
    .map(([section, option]) => prosody.unset(section, option)),
  fc
    .tuple(selector, text)
    .map(([after, value]) =>
      prosody.virtualHost('guest.d', { after, options: { a: value, modules_enabled: ['smacks'] } }),
    ),
  selector.map((section) => prosody.setSeenBy(section, 'asap_accepted_issuers', ['i'])),
);
const edits = fc.oneof(
  fc.array(edit, { minLength: 1, maxLength: 5 }),
  fc.constant(signInEdits(signInOf('d'))),
);

/** What a real Prosody thinks of the files that it loads, and how many those are. */
function judged(lua: string, texts: readonly string[]): { wrong: string[]; loaded: number } {
  const real = loadedByProsody(lua, texts);
  assert.equal(real.length, texts.length);
  const loads = texts.flatMap((each, at) => {
    const options = real[at];
    return options && typeof options['error'] !== 'string' ? [{ each, options }] : [];
  });
  const wrong = loads.flatMap(({ each, options }) => {
    const found = differences(readProsody(each), options);
    return found.length > 0 ? [`${JSON.stringify(each)}: ${found.join('; ')}`] : [];
  });
  return { wrong, loaded: loads.length };
}

describe('any Prosody file', function () {
  this.timeout(600_000);

  it('is seen as a real Prosody sees it', function () {
    need(this, prosodyLua, 'prosody');
    const { wrong, loaded } = judged(prosodyLua, fc.sample(prosodyText, size));
    assert.deepEqual(wrong.slice(0, 3), []);
    assert(loaded > size / 2, `${loaded} of ${size} files load`);
  });

  it('is edited so that a real Prosody sees what was wanted, or is refused', function () {
    need(this, prosodyLua, 'prosody');
    const results = fc.sample(fc.tuple(prosodyText, edits), size).flatMap(([before, all]) => {
      const outcome = editProsody(bytesOf(before), all);
      return outcome.is === 'edited' ? [{ before, after: textOf(outcome.bytes) }] : [];
    });
    assert(results.length > size / 10, `${results.length} of ${size} were edited`);
    const { wrong } = judged(
      prosodyLua,
      results.map(({ after }) => after),
    );
    assert.deepEqual(wrong.slice(0, 3), []);
    const lua = prosodyLua;
    const loads = (texts: readonly string[]) =>
      loadedByProsody(lua, texts).map((options) => typeof options['error'] !== 'string');
    const before = loads(results.map((result) => result.before));
    const after = loads(results.map((result) => result.after));
    assert.deepEqual(
      results.filter((_, at) => before[at] && !after[at]),
      [],
    );
  });

  it('is edited once, and undone to the byte', () => {
    fc.assert(
      fc.property(prosodyText, edits, (before, all) => {
        const outcome = editProsody(bytesOf(before), all);
        if (outcome.is !== 'edited') return;
        const again = editProsody(outcome.bytes, all);
        const isSettled = all.every((each) => each.is !== 'remove' && each.is !== 'unset');
        if (isSettled && all.length === 1) assert.equal(again.is, 'already');
        const undone = undoProsody({ before: bytesOf(before), after: outcome.bytes, now: outcome.bytes });
        assert(undone.is === 'edited' && textOf(undone.bytes) === before);
      }),
      { numRuns: size },
    );
  });

  it('keeps every comment but those inside what an edit takes away', () => {
    fc.assert(
      fc.property(prosodyText, (before) => {
        const outcome = editProsody(bytesOf(before), signInEdits(signInOf('d')));
        if (outcome.is !== 'edited') return;
        const comments = (all: string) => {
          const { chunk } = readProsody(all);
          return chunk.comments.map(({ start, end }) => chunk.text.slice(start, end));
        };
        assert.deepEqual(comments(textOf(outcome.bytes)), comments(before));
      }),
      { numRuns: size },
    );
  });
});
