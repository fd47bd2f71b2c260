import { expect } from 'chai';
import fc from 'fast-check';
import {
  betaInterval,
  empiricalBayesRate,
  expectedLoss,
  funnelCounts,
  kaplanMeier,
  negativeBinomialBand,
  probabilityToBeat,
  StatisticsError,
  wilsonInterval,
} from '../../src/statistics/index.js';
import { phi } from '../../src/statistics/numbers.js';

const arm = fc
  .integer({ min: 0, max: 300 })
  .chain((trials) => fc.integer({ min: 0, max: trials }).map((successes) => ({ successes, trials })));

describe('betaInterval', function () {
  this.timeout(180_000);
  it('equals the quantiles of Beta(3.5, 97.5)', () => {
    const { lo, hi, value } = betaInterval(3, 100);
    expect(lo).to.be.closeTo(0.0085202831, 1e-10);
    expect(hi).to.be.closeTo(0.0778875694, 1e-10);
    expect(value).to.be.closeTo(3.5 / 101, 1e-15);
  });

  it('equals qbeta(.025, 3, 99) to 13 digits', () => {
    const { lo } = betaInterval(2, 100, { a: 1, b: 1 });
    expect(lo / 0.006167859543564687).to.be.closeTo(1, 1e-13);
  });

  it('contains its estimate and refuses impossible counts', () => {
    fc.assert(
      fc.property(arm, ({ successes, trials }) => {
        const { value, lo, hi } = betaInterval(successes, trials);
        expect(lo).to.be.at.most(value);
        expect(hi).to.be.at.least(value);
      }),
    );
    expect(() => betaInterval(5, 4))
      .to.throw(StatisticsError)
      .with.property('code', 'BAD_COUNTS');
  });
});

describe('wilsonInterval', function () {
  this.timeout(180_000);
  it('equals the published interval of 81 of 263 (Newcombe 1998, method 3)', () => {
    const { lo, hi } = wilsonInterval(81, 263);
    expect(lo).to.be.closeTo(0.2553, 5e-5);
    expect(hi).to.be.closeTo(0.3662, 5e-5);
    expect(wilsonInterval(0, 20)).to.deep.include({ value: 0, lo: 0 });
  });
});

describe('phi', () => {
  it('equals pnorm(-8) of R to 13 digits: nothing is lost in the tail', () => {
    expect(phi(-8) / 6.22096057427178e-16).to.be.closeTo(1, 1e-13);
    expect(phi(-8) + phi(8)).to.equal(1);
  });
});

describe('probabilityToBeat', function () {
  this.timeout(180_000);
  const a = { successes: 49, trials: 100 };
  const b = { successes: 51, trials: 100 };

  it('equals R14: 49 of 100 against 51 of 100', () => {
    expect(probabilityToBeat(a, b)).to.be.closeTo(0.610770522688, 1e-9);
    const { ifA, ifB } = expectedLoss(a, b);
    // as printed: half of the last digit
    expect(ifA).to.be.closeTo(0.03872, 5e-6);
    expect(ifB).to.be.closeTo(0.01912, 5e-6);
  });

  it('agrees between the exact sum and the quadrature', () => {
    const nudged = probabilityToBeat(a, b, { a: 1 + 1e-12, b: 1 });
    expect(nudged).to.be.closeTo(probabilityToBeat(a, b), 1e-9);
  });

  it('mirrors when the arms are swapped', () => {
    fc.assert(
      fc.property(arm, arm, (p, q) => {
        expect(probabilityToBeat(p, q) + probabilityToBeat(q, p)).to.be.closeTo(1, 1e-8);
        const { ifA, ifB } = expectedLoss(p, q);
        const mirrored = expectedLoss(q, p);
        expect(mirrored.ifA).to.be.closeTo(ifB, 1e-8);
        expect(mirrored.ifB).to.be.closeTo(ifA, 1e-8);
      }),
      { numRuns: 50 },
    );
  });
});

describe('empiricalBayesRate', function () {
  this.timeout(180_000);
  it('keeps every rate between its own and the pooled one', () => {
    fc.assert(
      fc.property(fc.array(arm, { minLength: 2, maxLength: 20 }), (arms) => {
        fc.pre(arms.some(({ trials }) => trials > 0));
        const { a, b, groups } = empiricalBayesRate(arms.map((group, i) => ({ key: String(i), ...group })));
        const pooled = a / (a + b);
        for (const { successes, trials, value } of groups) {
          const own = trials > 0 ? successes / trials : pooled;
          expect(value).to.be.within(Math.min(own, pooled) - 1e-12, Math.max(own, pooled) + 1e-12);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the prior below the given strength and needs two groups', () => {
    const groups = [
      { key: 'x', successes: 20, trials: 1000 },
      { key: 'y', successes: 21, trials: 1000 },
    ];
    const { a, b } = empiricalBayesRate(groups, { maxStrength: 50 });
    expect(a + b).to.be.at.most(50 + 1e-9);
    expect(() => empiricalBayesRate(groups.slice(1)))
      .to.throw(StatisticsError)
      .with.property('code', 'TOO_FEW');
  });

  it('covers the true rates of 24 options in at least 92 of 100 intervals', () => {
    // 24 options, rates ~ Beta(0.8, 39.2), 20–399 views: where Wald's interval covers 69 %
    let state = 7;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 0.5) / 4_294_967_296;
    };
    let covered = 0;
    const repeats = 100;
    for (let r = 0; r < repeats; r++) {
      const rates = Array.from({ length: 24 }, () => betaDraw(random));
      const { groups } = empiricalBayesRate(
        rates.map((rate, i) => {
          const trials = 20 + Math.floor(random() * 380);
          let successes = 0;
          for (let t = 0; t < trials; t++) if (random() < rate) successes++;
          return { key: String(i), successes, trials };
        }),
      );
      covered += groups.filter(({ lo, hi }, i) => lo <= rates[i]! && rates[i]! <= hi).length;
    }
    expect(covered / (24 * repeats)).to.be.at.least(0.92);
  });
});

/** Beta(0.8, 39.2) by Jöhnk's rejection of gamma ratios: Gamma(0.8) and Gamma(39.2) by Marsaglia & Tsang. */
const betaDraw = (random: () => number): number => {
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * random() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  const x = gamma(0.8);
  return x / (x + gamma(39.2));
};

describe('negativeBinomialBand', function () {
  this.timeout(180_000);
  it('holds 99.9 % of counts with mean 3.2 and variance 6: 0 … 15', () => {
    // 25 counts: Σ 80, Σ² 400, hence mean 3.2 and sample variance 6
    const history = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 5, 5, 6, 7, 8, 8];
    const band = negativeBinomialBand(history);
    expect(band).to.include({ lo: 0, hi: 15 });
    expect(band.mean).to.be.closeTo(3.2, 1e-12);
    expect(band.size).to.be.closeTo(10.24 / 2.8, 1e-9);
  });

  it('is Poisson when counts do not spread more than chance', () => {
    expect(negativeBinomialBand([4, 4, 4, 4]).size).to.equal(Infinity);
    expect(negativeBinomialBand([0, 0])).to.include({ lo: 0, hi: 0 });
  });
});

describe('kaplanMeier', function () {
  this.timeout(180_000);
  it('equals the textbook curve of 2, 3, 3+, 4+, 5, 6+', () => {
    const { steps, median } = kaplanMeier([
      { time: 2, events: 1, censored: 0 },
      { time: 3, events: 1, censored: 1 },
      { time: 4, events: 0, censored: 1 },
      { time: 5, events: 1, censored: 0 },
      { time: 6, events: 0, censored: 1 },
    ]);
    expect(steps.map((step) => Number(step.survival.toFixed(4)))).to.eql([0.8333, 0.6667, 0.3333]);
    expect(steps.map((step) => Number(step.standardError.toFixed(4)))).to.eql([0.1521, 0.1925, 0.2546]);
    expect(median).to.equal(5);
  });
});

describe('funnelCounts', function () {
  this.timeout(180_000);
  // R17_funnel: the numbers are steps (1-based in the published table A B C = 0 1 2 here)
  const persons: Record<string, number[]> = {
    p1: [1],
    p2: [2, 1],
    p3: [1, 2, 0, 3],
    p4: [3, 0, 2, 1],
    p5: [2, 1, 0, 2, 3],
    p6: [0, 1, 0, 2],
    p7: [0, 1, 2, 3, 0],
    p8: [3, 2],
  };
  const events = Object.entries(persons).flatMap(([unit, steps]) =>
    steps.map((step, i) => ({ unit, atMs: i * 1000, step: String(step) })),
  );
  const count = (mode: 'ordered' | 'strict' | 'unordered') =>
    funnelCounts(events, ['1', '2', '3'], { windowMs: 3_600_000, mode });

  it('equals R17', () => {
    expect(count('ordered')).to.eql([7, 4, 3]);
    expect(count('strict')).to.eql([7, 2, 1]);
    expect(count('unordered')).to.eql([8, 7, 4]);
  });

  it('equals the published sequences: default and strict order', () => {
    const published: Record<string, [number, number]> = {
      ABC: [3, 3],
      ADBC: [3, 1],
      AABBCC: [3, 3],
      AAAABBCC: [3, 3],
      AABBDCC: [3, 2],
      BBCCAA: [1, 1],
    };
    for (const [sequence, [ordered, strict]] of Object.entries(published)) {
      const own = [...sequence].map((step, i) => ({ unit: 'u', atMs: i, step }));
      const reached = (mode: 'ordered' | 'strict') =>
        funnelCounts(own, ['A', 'B', 'C'], { windowMs: 1000, mode }).filter((n) => n > 0).length;
      expect([reached('ordered'), reached('strict')], sequence).to.eql([ordered, strict]);
    }
  });

  it('never rises from step to step and respects the window', () => {
    const event = fc.record({
      unit: fc.constantFrom('a', 'b', 'c'),
      atMs: fc.integer({ min: 0, max: 100 }),
      step: fc.constantFrom('1', '2', '3', '4'),
    });
    fc.assert(
      fc.property(fc.array(event), fc.integer({ min: 0, max: 100 }), (some, windowMs) => {
        for (const mode of ['ordered', 'strict', 'unordered'] as const) {
          const [first, second, third] = funnelCounts(some, ['1', '2', '3'], { windowMs, mode }) as [
            number,
            number,
            number,
          ];
          expect(first).to.be.at.least(second);
          expect(second).to.be.at.least(third);
        }
      }),
    );
    const late = [
      { unit: 'u', atMs: 0, step: '1' },
      { unit: 'u', atMs: 5001, step: '2' },
    ];
    expect(funnelCounts(late, ['1', '2'], { windowMs: 5000, mode: 'ordered' })).to.eql([1, 0]);
  });
});
