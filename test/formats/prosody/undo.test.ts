import assert from 'node:assert/strict';
import { editProsody } from '../../../src/formats/prosody/apply.js';
import { undoProsody } from '../../../src/formats/prosody/undo.js';
import { bytesOf, textOf } from '../../../src/formats/source.js';
import { signInEdits, signInOf } from './sign-in.js';

const before = `muc_mapper_domain_base = "d"

VirtualHost "d"
    authentication = "jitsi-anonymous" -- do not delete me
    modules_enabled = {
        "bosh";
        "ping";
    }

Component "conference.d" "muc"
    modules_enabled = {
        "muc_meeting_id";
    }
`;

const outcome = editProsody(bytesOf(before), signInEdits(signInOf('d')));
assert(outcome.is === 'edited');
const after = textOf(outcome.bytes);

function undone(now: string): string {
  const result = undoProsody({ before: bytesOf(before), after: bytesOf(after), now: bytesOf(now) });
  if (result.is === 'refused') return `${result.refusal.code} ${result.refusal.at.line}`;
  return result.is === 'already' ? 'already' : textOf(result.bytes);
}

describe('taking a sign-in out of a Prosody file', () => {
  it('gives the bytes from before', () => assert.equal(undone(after), before));

  it('keeps a module that was added behind ours', () => {
    const add = (text: string, last: string) => text.replace(`"${last}";\n`, `"${last}";\n        "mine";\n`);
    assert.equal(undone(add(after, 'persistent_lobby')), add(before, 'ping'));
  });

  it('keeps what Debian packages put at the top and at the end', () => {
    const packaged = (text: string) => `unlimited_jids = { "a@b" }\n${text}\nComponent "internal.d" "muc"\n`;
    assert.equal(undone(packaged(after)), packaged(before));
  });

  it('keeps another option of the same host', () => {
    const add = (text: string) => text.replace('\nComponent "conf', '\nComponent "x" "y"\n\nComponent "conf');
    assert.equal(undone(add(after)), add(before));
  });

  it('refuses an option in our own guest host, which would move to another host', () => {
    const now = after.replace('        "smacks";\n    }\n', '        "smacks";\n    }\n    mine = true\n');
    assert.match(undone(now), /^undo-overlap \d+$/);
  });

  it('refuses a value of ours that somebody changed', () => {
    assert.match(undone(after.replace('"jitsi"', '"other"')), /^undo-overlap \d+$/);
  });

  it('has nothing to do in the file from before', () => assert.equal(undone(before), 'already'));
});
