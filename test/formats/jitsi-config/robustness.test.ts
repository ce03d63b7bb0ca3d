import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maskJavaScript } from '../../../src/formats/javascript/index.js';
import { editJitsiConfig, jitsiConfig, lintJitsiConfig } from '../../../src/formats/jitsi-config/index.js';
import { corpusOf, needCorpus } from '../corpus.js';
import { paths, signIn } from './sign-in.js';

const long = process.env['ORCHESTRATE_LONG'] === '1';
const job = { domain: 'meet.example.com', realm: 'jitsi-realm', client: 'jitsi' };

const corpusFiles = corpusOf('jitsi-config');

/** Whatever the bytes are, the editor answers, and so do the mask and the lint. */
function surviveAll(source: Uint8Array): void {
  const outcome = editJitsiConfig(source, signIn);
  if (outcome.is === 'edited') assert.equal(editJitsiConfig(outcome.bytes, signIn).is, 'already');
  editJitsiConfig(source, paths.map(jitsiConfig.unset));
  lintJitsiConfig([{ path: 'config.js', source }], job);
  const text = Buffer.from(source).toString('latin1');
  assert.equal(maskJavaScript(text).split('\n').length, text.split('\n').length);
}

describe('Bytes that are no config.js any more', function () {
  this.timeout(600_000);

  before(function () {
    needCorpus(this);
  });

  it('are refused or edited when a real file is cut off anywhere', () => {
    const cuts = long ? 300 : 6;
    for (const [index, { bytes }] of corpusFiles.entries()) {
      for (let cut = 0; cut < cuts; cut += 1) {
        surviveAll(bytes.subarray(0, Math.floor((bytes.length * (cut + index / corpusFiles.length)) / cuts)));
      }
    }
  });

  it('are refused or edited when bytes of a real file are changed', () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      byte: fc.oneof(
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom(...Buffer.from(`{}[]()'"\`,;:/*\\<>\n\r=.`)),
      ),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...corpusFiles),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        ({ bytes }, changes) => {
          const broken = Buffer.from(bytes);
          for (const { at, byte } of changes) broken[Math.floor(at * broken.length)] = byte;
          surviveAll(broken);
        },
      ),
      { numRuns: long ? 10_000 : 250 },
    );
  });
});

const SIZE = 1_000_000;
const fill = (piece: string): string => piece.repeat(Math.ceil(SIZE / piece.length));
const config = "var config = { hosts: { domain: 'x' } };\n";

const ADVERSARIAL: Readonly<Record<string, string>> = {
  'brackets that never close': `var config = ${fill('[')}`,
  'brackets that close': `var config = ${'['.repeat(SIZE / 2)}${']'.repeat(SIZE / 2)};`,
  'a sum without end': `var config = {}, a = ${fill('1+')}1;`,
  'includes that never close': `var config = {}; // ${fill('<!--#')}`,
  'includes with open quotes': `var config = {}; // ${fill('<!--# echo var="')}`,
  'many includes': `var config = { a: '${fill('<!--# echo var="a" -->')}' };`,
  'many includes in many strings': `var config = {}; var a = [${fill(`'<!--# echo var="a" -->',`)}];`,
  'as many names as are read': `${config}${Array.from({ length: 16_500 }, (_, n) => `let a${n};`).join('\n')}`,
  'as many properties as are read': `var config = { hosts: { domain: 'x' }, ${'sso:1,'.repeat(12_000)} };`,
  'empty statements': `var config = {};${fill(';')}`,
  'one value set again and again': `${config}${fill('config.tokenAuthUrl="a";\n')}`,
  'one property again and again': `var config = { hosts: { domain: 'x' }, ${fill('sso:1,')} };`,
  'many names': `${config}${Array.from({ length: SIZE / 12 }, (_, n) => `let a${n};`).join('\n')}`,
  'many functions': `${config}${fill('(function(){ a.b = 1; });')}`,
  'functions within functions': `${config}${'(function(){'.repeat(SIZE / 16)}${'});'.repeat(SIZE / 16)}`,
  'many calls with config': `${config}${fill('f(config);')}function f() {}`,
  'placeholders on one line': `var config = ${fill('{{ a }} ')}`,
  'one long line of spaces': `${config}${fill(' ')}`,
  'carriage returns': `${config}${fill('\r')}`,
  newlines: `${config}${fill('\n')}`,
  comments: `${config}${fill('/**/')}`,
  'a comment without end': `${config}/*${fill('*')}`,
  backslashes: `${config}'${fill('\\')}`,
  'words for the mask': `${config}// ${fill('a')}`,
  'names for the mask': `${config}// ${fill('token: "')}`,
  'spaces for the mask': `${config}// token: ${fill(' ')}`,
  'addresses for the mask': `${config}// ${fill('://')}`,
  'parameters for the mask': `${config}// ${fill('?aaaaa')}`,
  'tokens for the mask': `${config}// ${fill('eyJaaaaaaaaa')}`,
  'bytes that are no text': `${config}// ${fill('\xff')}`,
  'letters of two bytes': `${config}// ${fill('\xc3\xa9')}`,
  'members of members': `${config}a = window${fill('.b')};`,
  'else upon else': `${config}${fill('if (0) ; else ')};`,
  labels: `${config}${Array.from({ length: 6000 }, (_, n) => `l${n}:`).join('')};`,
  commas: `${config}window.a = [${fill(',')}];`,
  'a template': `${config}window.a = \`${fill('${1}')}\`;`,
};

describe('A megabyte made to be slow', function () {
  this.timeout(120_000);

  it('is refused when it is larger than any config.js', () => {
    const outcome = editJitsiConfig(Buffer.from(config + ' '.repeat(1_100_000)), signIn);
    assert.equal(outcome.is === 'refused' && outcome.refusal.code, 'too-large');
  });

  for (const [name, text] of Object.entries(ADVERSARIAL)) {
    it(`is answered for in time: ${name}`, () => {
      const source = Buffer.from(text, 'latin1');
      const parts: Readonly<Record<string, () => unknown>> = {
        edit: () => editJitsiConfig(source, signIn),
        unset: () => editJitsiConfig(source, [jitsiConfig.unset('tokenAuthUrl'), jitsiConfig.unset('sso')]),
        lint: () => lintJitsiConfig([{ path: 'config.js', source }], job),
        mask: () => maskJavaScript(text),
      };
      for (const [part, run] of Object.entries(parts)) {
        const start = process.cpuUsage();
        run();
        const { user, system } = process.cpuUsage(start);
        // Processor time, not the clock: other work on the machine is not what is measured.
        const elapsedMs = (user + system) / 1000;
        assert.ok(elapsedMs < 2000, `${part} took ${elapsedMs.toFixed(0)} ms`);
      }
    });
  }
});
