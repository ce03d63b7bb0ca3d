import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { clockSkew } from '../../src/dialects/web-site.js';
import { response } from '../support/response.js';

describe("a host's clock", () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const saying = (date: string) => clockSkew(response(200, '', { date }), now);

  it('is worth a word when it is half a minute off, in either direction', () => {
    assert.equal(saying('Thu, 01 Jan 2026 00:01:15 GMT'), "the host's clock is 75 s ahead of this machine's");
    assert.equal(saying('Wed, 31 Dec 2025 23:59:00 GMT'), "the host's clock is 60 s behind this machine's");
  });

  it('is none when it is near, or not told', () => {
    assert.equal(saying('Thu, 01 Jan 2026 00:00:05 GMT'), null);
    assert.equal(saying('soon'), null);
    assert.equal(clockSkew(response(200, ''), now), null);
  });
});
