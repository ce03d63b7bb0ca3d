import assert from 'node:assert/strict';
import { findMuc } from '../../../src/formats/prosody/muc.js';
import { Refused } from '../../../src/formats/outcome.js';
import { bytesOf } from '../../../src/formats/source.js';

const muc = (name: string): string => `Component "${name}" "muc"\n`;

const found: readonly (readonly [why: string, text: string, name: string | undefined])[] = [
  ['by the usual name', muc('internal.auth.d') + muc('conference.d') + muc('lobby.d'), 'conference.d'],
  ['by the name of the container images', muc('muc.d') + muc('internal-muc.d'), 'muc.d'],
  [
    'by main_muc',
    `VirtualHost "d"\nmain_muc = "rooms.D"\n${muc('conference.d')}${muc('rooms.d')}`,
    'rooms.d',
  ],
  [
    'by the usual name when main_muc names no component',
    `VirtualHost "d"\nmain_muc = "x.d"\n${muc('muc.d')}`,
    'muc.d',
  ],
  [
    'by the domain mapper',
    `muc_mapper_domain_base = "d"\nmuc_mapper_domain_prefix = "muc"\n${muc('muc.d')}${muc('conference.d')}`,
    'muc.d',
  ],
  [
    'not by the mapper of another domain',
    `muc_mapper_domain_base = "e"\n${muc('conference.d')}${muc('conference.e')}`,
    'conference.d',
  ],
  [
    'as the only one that is left',
    `VirtualHost "d"\nlobby_muc = "wait.d"\n${muc('wait.d')}${muc('rooms.d')}${muc('breakout.d')}`,
    'rooms.d',
  ],
  ['nowhere, of another module', 'Component "conference.d" "http"', undefined],
  ['nowhere, with a module that Prosody ignores', 'Component("conference.d", "muc")', undefined],
  ['nowhere, of another domain', muc('conference.e'), undefined],
];

describe('the MUC component of a domain', () => {
  for (const [why, text, name] of found) {
    it(`is found ${why}`, () => assert.equal(findMuc(bytesOf(text), 'D'), name));
  }

  it('is not guessed between two', () => {
    assert.throws(
      () => findMuc(bytesOf(muc('conference.d') + muc('muc.d')), 'd'),
      (error) => error instanceof Refused && error.code === 'muc-ambiguous' && error.at.line === 2,
    );
  });
});
