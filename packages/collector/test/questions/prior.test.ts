import { expect } from 'chai';
import { empiricalPrior } from '../../src/questions/prior.js';

const groups = (...rates: [number, number][]) =>
  rates.map(([successes, trials], i) => ({ key: String(i), successes, trials }));

describe('empiricalPrior', () => {
  it('says what groups have in common', () => {
    const { a, b } = empiricalPrior(groups([5, 100], [8, 100], [2, 100]))!;
    expect(a / (a + b)).to.be.closeTo(0.05, 0.01);
  });

  it('is never sure of what has not happened yet, nor of what always has', () => {
    expect(empiricalPrior(groups([0, 100], [0, 200]))).to.equal(undefined);
    expect(empiricalPrior(groups([100, 100], [200, 200]))).to.equal(undefined);
    expect(empiricalPrior(groups([1, 100]))).to.equal(undefined);
    expect(empiricalPrior([])).to.equal(undefined);
  });
});
