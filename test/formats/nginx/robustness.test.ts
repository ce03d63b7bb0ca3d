import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editNginx, lintNginx, maskNginx } from '../../../src/formats/nginx/index.js';
import { textOf } from '../../../src/formats/source.js';
import { corpusOf } from '../corpus.js';
import { signInEdits, signInRoutes } from './sign-in-edits.js';
import { cpuMsOf } from '../../support/cpu-time.js';

const choice = { domain: 'jitsi-meet.example.com' };
const edits = [...signInEdits(choice), ...signInRoutes(choice)];

/** Everything that reads a file. Nothing but a typed refusal may come of it. */
function readAll(bytes: Uint8Array): void {
  const outcome = editNginx(bytes, edits);
  if (outcome.is === 'refused') assert.ok(outcome.refusal.at.line > 0);
  lintNginx([{ name: 'x', bytes }], { ...choice, realm: 'jitsi-realm' });
  maskNginx(textOf(bytes));
}

describe('the nginx editor', () => {
  const long = process.env['ORCHESTRATE_LONG'] === '1';

  it('survives every file of the corpus cut off and with random bytes changed', function () {
    this.timeout(long ? 600_000 : 60_000);
    const cuts = long ? 60 : 8;
    const random = fc.sample(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
      seed: 11,
      numRuns: cuts * 3,
    });
    for (const { bytes } of corpusOf('nginx')) {
      for (const [index, [place, value]] of random.entries()) {
        const at = Math.floor(place * bytes.length);
        if (index % 3 === 0) readAll(bytes.subarray(0, at));
        else
          readAll(
            Uint8Array.from(bytes, (byte, offset) =>
              offset === at || (index % 3 === 2 && offset === at + 7) ? value : byte,
            ),
          );
      }
    }
  });

  it('survives random bytes', function () {
    this.timeout(60_000);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), readAll), { numRuns: long ? 20_000 : 1000 });
  });

  const head = 'server { listen 443 ssl; server_name jitsi-meet.example.com; ';
  const megabyte = 1_000_000;
  const many = (text: string): string => text.repeat(Math.ceil(megabyte / text.length));
  const adversaries: readonly (readonly [what: string, text: string])[] = [
    ['open braces', many('a {')],
    ['open quotes', many('"')],
    ['backslashes', head + many('\\')],
    ['escaped quotes in Lua', `content_by_lua_block { ${many('\\"')} }`],
    ['quotes of both kinds in Lua', `content_by_lua_block { ${many(`"'`)}\n }`],
    ['long brackets in Lua', `content_by_lua_block { ${many('[=[')} }`],
    ['one comment', `#${many('x')}`],
    ['comments', many('# x\n')],
    ['one line of directives', head + many('root /x; ') + '}'],
    [
      'locations',
      head + Array.from({ length: 30_000 }, (_, index) => `location /a${index} {}`).join('\n') + '}',
    ],
    [
      'regular expressions',
      head +
        Array.from({ length: 20_000 }, (_, index) => `location ~ ^/a${index}(x|y)*$ {}`).join('\n') +
        '}',
    ],
    ['one hard regular expression', `${head}location ~ ${'(a*)*'.repeat(400)}b$ {} }`],
    ['counted repeats', `${head}location ~ "((a{1,500}){1,500}){1,500}b" {} }`],
    ['nested groups', `${head}location ~ ${'('.repeat(2000)} {} }`],
    ['server names', `server { listen 443 ssl; server_name ${many('a.example ')}; }`],
    ['schemes for the mask', many('a.b-')],
    ['secrets for the mask', many('token= ')],
  ];
  for (const [what, text] of adversaries) {
    it(`takes less than two seconds for a megabyte of ${what}`, function () {
      this.timeout(20_000);
      const bytes = Buffer.from(text, 'latin1');
      const editMs = cpuMsOf(() => editNginx(bytes, edits));
      const maskMs = cpuMsOf(() => maskNginx(text));
      const lintMs = cpuMsOf(() => lintNginx([{ name: 'x', bytes }], { ...choice, realm: 'jitsi-realm' }));
      const figures = `edit ${editMs.toFixed(0)} ms, mask ${maskMs.toFixed(0)} ms, lint ${lintMs.toFixed(0)} ms`;
      assert.ok(Math.max(editMs, maskMs, lintMs) < 2000, figures);
    });
  }
});
