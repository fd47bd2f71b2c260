import { expect } from 'chai';
import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import { randomFrom } from '../../src/statistics/index.js';

describe('randomFrom', function () {
  this.timeout(180_000);
  const draws = (n: number, draw: () => number): Float64Array =>
    new Float64Array(Array.from({ length: n }, draw));

  it('draws normal numbers: no further from the normal distribution than so many may be', () => {
    const n = 400_000;
    const sorted = draws(n, randomFrom(11).normal).sort();
    let furthest = 0;
    sorted.forEach((x, i) => {
      const p = normalCdf(x, 0, 1);
      furthest = Math.max(furthest, Math.abs(p - i / n), Math.abs(p - (i + 1) / n));
    });
    // Kolmogorov's 99.9 % limit
    expect(furthest).to.be.below(1.95 / Math.sqrt(n));
  });

  it('draws the tail that the layers leave to logarithms', () => {
    const n = 2_000_000;
    const { normal } = randomFrom(12);
    const beyond = [3.2, 3.6, 4];
    const counts = beyond.map(() => 0);
    for (let i = 0; i < n; i++) {
      const x = normal();
      beyond.forEach((z, j) => (counts[j]! += Math.abs(x) > z ? 1 : 0));
    }
    beyond.forEach((z, j) => {
      const expected = 2 * n * normalCdf(-z, 0, 1);
      expect(counts[j]).to.be.closeTo(expected, 4 * Math.sqrt(expected));
    });
  });

  it('draws gamma numbers of the mean and variance of their shape', () => {
    for (const shape of [0.5, 2, 40]) {
      const n = 200_000;
      const { gamma } = randomFrom(13);
      const all = draws(n, () => gamma(shape));
      const mean = all.reduce((sum, x) => sum + x, 0) / n;
      const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
      expect(mean).to.be.closeTo(shape, 4 * Math.sqrt(shape / n));
      expect(variance / shape).to.be.closeTo(1, 0.03);
    }
  });

  it('repeats itself with its seed', () => {
    const [one, two] = [randomFrom(7), randomFrom(7)];
    expect(draws(50, one.normal)).to.eql(draws(50, two.normal));
    expect(draws(50, randomFrom(8).normal)).not.to.eql(draws(50, two.normal));
  });
});
