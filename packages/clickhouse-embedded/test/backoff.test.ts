import { expect } from 'chai';

import { backoffMs, nextAttempt } from '../src/backoff.js';

describe('back-off', () => {
  it('doubles from a quarter of a second to half a minute', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8, 100].map(backoffMs);
    expect(delays).to.deep.equal([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });
  it('begins anew after a healthy minute', () => {
    expect(nextAttempt(7, 59_999)).to.equal(7);
    expect(nextAttempt(7, 60_000)).to.equal(0);
  });
});
