import assert from 'node:assert/strict';
import { countRoundTrips } from '../../src/transport/round-trips.js';

describe('round trips', () => {
  it('that go side by side count once', () => {
    const trips = countRoundTrips();
    const answered = [trips.begin(), trips.begin(), trips.begin()];
    for (const answer of answered) answer();
    assert.equal(trips.count(), 1);
  });

  it('count one by one when each waits for the one before it', () => {
    const trips = countRoundTrips();
    const slow = trips.begin();
    for (let index = 0; index < 3; index++) trips.begin()();
    slow();
    assert.equal(trips.count(), 3);
  });

  it('that are never answered do not count', () => {
    const trips = countRoundTrips();
    trips.begin();
    assert.equal(trips.count(), 0);
  });
});
