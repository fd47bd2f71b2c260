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
  it('begins anew after ten times the pause before', () => {
    expect(nextAttempt(1, 2499)).to.equal(1);
    expect(nextAttempt(1, 2500)).to.equal(0);
    expect(nextAttempt(3, 9_999)).to.equal(3);
    expect(nextAttempt(3, 10_000)).to.equal(0);
  });
  /** Pauses of an engine that lives equally long each time. */
  const pauses = (healthyMs: number): number[] => {
    const all: number[] = [];
    for (let attempt = 0; all.length < 12;) {
      attempt = nextAttempt(attempt, healthyMs);
      all.push(backoffMs(attempt));
      attempt += 1;
    }
    return all;
  };
  it('stays short for an engine that is killed every four seconds, and grows for one that dies after two', () => {
    expect(Math.max(...pauses(4000))).to.equal(250);
    expect(pauses(2000).at(-1)).to.equal(30_000);
  });
});
