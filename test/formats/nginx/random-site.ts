import fc from 'fast-check';
import { foreignText } from '../../../src/formats/source.js';

const names = [
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/a/b/',
  '/ab',
  '/A',
  '/realms',
  '/realms/',
  '/realms/r/',
  '/res/',
  '/a%b',
  '/a b',
  '/é',
  '//',
  '/a//',
];
const regexes = [
  '^/a',
  'b$',
  '^/([^/?&:\'"]+)$',
  '^/([^/?&:\'"]+)/(.*)$',
  '\\.(js|css)$',
  '^/(?:a|realms)/',
  '/b(?!/)',
  '(?<=/)r',
  '^/.{2}$',
  '^/[[:alpha:]]+$',
  '\\bb',
  '(?i)REALMS',
  '^/a+?b*$',
  '^/\\w{1,3}/?$',
  '^/[^a-z]',
  '[]b]$',
  'x|^/$',
  '^/(a|ab)(c|/)?$',
  '%',
  '\\x61',
  '^/\xe9',
];

/** A site with random locations, two levels deep. */
export const siteText = fc
  .record({
    merging: fc.boolean(),
    outer: fc.array(locationText(0), { minLength: 1, maxLength: 8 }),
  })
  .map(({ merging, outer }) => `server {\nmerge_slashes ${merging ? 'on' : 'off'};\n${outer.join('\n')}\n}`)
  .map(foreignText);

function locationText(depth: number): fc.Arbitrary<string> {
  const fixed = fc
    .tuple(fc.constantFrom('', '', '= ', '^~ '), fc.constantFrom(...names))
    .map(([modifier, name]) => `${modifier}"${name}"`);
  const regex = fc
    .tuple(fc.constantFrom('~ ', '~* '), fc.constantFrom(...regexes))
    .map(([modifier, source]) => modifier + quoted(source));
  const body =
    depth === 0
      ? fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant('') }, locationText(1)), { maxLength: 3 })
      : fc.constant([]);
  return fc
    .tuple(fc.oneof({ weight: 2, arbitrary: fixed }, regex), fc.boolean(), body)
    .map(
      ([match, passes, nested]) =>
        `location ${match} { ${passes ? 'proxy_pass http://127.0.0.1:1;' : ''} ${nested.join(' ')} }`,
    );
}

const quoted = (source: string): string => `"${source.replace(/["\\]/g, '\\$&')}"`;

/** A path of a request, with escapes, dots and doubled slashes. */
export const pathText = fc
  .array(
    fc.constantFrom(
      ...[
        '/',
        '/',
        '/',
        'a',
        'b',
        'ab',
        'A',
        'realms',
        'r',
        'res',
        '.',
        '..',
        '%2e',
        '%2F',
        '%61',
        '%C3%A9',
        '%20',
        '%25b',
        'x.js',
        '%0a',
        ';',
        '~',
        '+',
      ],
    ),
    { maxLength: 7 },
  )
  .map((parts) => `/${parts.join('')}`);
