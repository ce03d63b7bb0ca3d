import { deepEqual } from 'node:assert/strict';
import { closest } from '../../src/lib/closest.js';

describe('closest', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['adress', ['address', 'groups', 'vars'], ['address']],
    ['prot', ['port', 'user'], ['port']],
    ['Vars', ['vars'], ['vars']],
    ['meet-4', ['meet-1', 'meet-2', 'meet-3', 'meet-5', 'proxy'], ['meet-1', 'meet-2', 'meet-3']],
    ['hots', ['hosts', 'groups'], ['hosts']],
    ['strategy', ['vars', 'hosts'], []],
    ['us', ['eu'], []],
    ['', ['a'], ['a']],
    ['x'.repeat(100_000), ['y'.repeat(100_000)], []],
  ];
  for (const [word, candidates, expected] of cases) {
    it(`finds ${expected.join(', ') || 'nothing'} for ${word.slice(0, 12)}`, () => {
      deepEqual(closest(word, candidates), expected);
    });
  }
});
