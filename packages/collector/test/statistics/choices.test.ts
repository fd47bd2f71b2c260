import { expect } from 'chai';
import fc from 'fast-check';
import { conditionalLogit, randomFrom, ratioInterval, type ChoiceSet } from '../../src/statistics/index.js';
import { near, refuses } from './arbitraries.js';
import { rowsOf } from './data.js';

const FREE = (width: number): number[] => new Array<number>(width).fill(Infinity);

describe('conditionalLogit', function () {
  this.timeout(120_000);

  it('equals R on the example of survival::clogit: infertility, 83 matched sets', () => {
    const sets = new Map<string, { x: number[][]; counts: number[] }>();
    for (const row of rowsOf('infert.csv')) {
      const own = sets.get(row['stratum']!) ?? { x: [], counts: [] };
      own.x.push([Number(row['spontaneous']), Number(row['induced'])]);
      own.counts.push(Number(row['case']));
      sets.set(row['stratum']!, own);
    }
    expect(sets.size).to.equal(83);
    const { coefficients, covariance, logLikelihood } = conditionalLogit([...sets.values()], FREE(2));
    // R 4.2.2, survival 3.5-3: m <- clogit(case ~ spontaneous + induced + strata(stratum), data = infert);
    // coef(m), sqrt(diag(vcov(m))), m$loglik
    near(coefficients[0]!, 1.985875517, 1e-9);
    near(coefficients[1]!, 1.409011632, 1e-9);
    near(Math.sqrt(covariance[0]![0]!), 0.3524435398, 1e-9);
    near(Math.sqrt(covariance[1]![1]!), 0.3607124362, 1e-9);
    near(logLikelihood, -64.2022369244, 1e-11);
    const without = [...sets.values()].reduce((sum, { x }) => sum - Math.log(x.length), 0);
    near(without, -90.7793548513, 1e-11);
  });

  it('is what one counts by hand where every alternative has its own part-worth', () => {
    // of 100 choices 60, 30, 10: ln(30/60), ln(10/60); variances 1/30 + 1/60, 1/10 + 1/60, covariance 1/60
    const set: ChoiceSet = {
      x: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
      counts: [60, 30, 10],
    };
    const { coefficients, covariance, logLikelihood } = conditionalLogit([set], FREE(2));
    near(coefficients[0]!, Math.log(0.5), 1e-9);
    near(coefficients[1]!, Math.log(1 / 6), 1e-9);
    near(covariance[0]![0]!, 1 / 30 + 1 / 60, 1e-6);
    near(covariance[1]![1]!, 1 / 10 + 1 / 60, 1e-6);
    near(covariance[0]![1]!, 1 / 60, 1e-6);
    near(logLikelihood, 60 * Math.log(0.6) + 30 * Math.log(0.3) + 10 * Math.log(0.1), 1e-9);
  });

  const sets = fc.array(
    fc.array(fc.record({ a: fc.integer({ min: -3, max: 3 }), n: fc.integer({ min: 1, max: 40 }) }), {
      minLength: 2,
      maxLength: 5,
    }),
    { minLength: 2, maxLength: 6 },
  );

  it('sees only differences between the alternatives of a set, and foretells as many as there were', () => {
    fc.assert(
      fc.property(sets, fc.integer({ min: -20, max: 20 }), (list, shift) => {
        const of = (by: number): ChoiceSet[] =>
          list.map((own) => ({ x: own.map(({ a }) => [a + by]), counts: own.map(({ n }) => n) }));
        const { coefficients } = conditionalLogit(of(0), [2]);
        const moved = conditionalLogit(of(shift), [2]);
        expect(moved.coefficients[0]).to.be.closeTo(coefficients[0]!, 1e-6);
        if (list.every((own) => own.every(({ a }) => a === own[0]!.a))) return;
        // without a prior the attribute's sum is the one that was seen
        const free = conditionalLogit(of(0), FREE(1)).coefficients[0]!;
        const seen = list.flat().reduce((sum, { a, n }) => sum + a * n, 0);
        const foretold = list.reduce((sum, own) => {
          const weights = own.map(({ a }) => Math.exp(a * free));
          const all = weights.reduce((p, q) => p + q, 0);
          const total = own.reduce((p, { n }) => p + n, 0);
          return sum + own.reduce((p, { a }, i) => p + (total * a * weights[i]!) / all, 0);
        }, 0);
        expect(foretold).to.be.closeTo(seen, 1e-3);
      }),
      { numRuns: 60 },
    );
  });

  it('finds built-in part-worths: 95 % intervals hold them in about 95 of 100 simulated shops', () => {
    const truth = [0.8, -0.4, 1.5, -1];
    const random = randomFrom(20_261_129);
    let held = 0;
    const shops = 200;
    for (let shop = 0; shop < shops; shop++) {
      const list = Array.from({ length: 30 }, (): ChoiceSet => {
        const x = Array.from({ length: 4 }, () => truth.map(() => random.normal()));
        const weights = x.map((row) => Math.exp(row.reduce((sum, value, j) => sum + value * truth[j]!, 0)));
        const all = weights.reduce((p, q) => p + q, 0);
        const counts = x.map(() => 0);
        for (let n = 0; n < 10; n++) {
          let left = random.uniform() * all;
          const taken = weights.findIndex((weight) => (left -= weight) <= 0);
          counts[Math.max(0, taken)]! += 1;
        }
        return { x, counts };
      });
      const { coefficients, covariance } = conditionalLogit(list, FREE(4));
      held += truth.filter(
        (value, j) => Math.abs(coefficients[j]! - value) <= 1.959964 * Math.sqrt(covariance[j]![j]!),
      ).length;
    }
    // binomial: 800 × .95 = 760 ± 2.6 · 6.2
    expect(held / (4 * shops)).to.be.within(0.93, 0.97);
  });

  it('refuses what it cannot answer', () => {
    const one: ChoiceSet = { x: [[0], [1]], counts: [3, 2] };
    refuses(() => conditionalLogit([], [1]), 'TOO_FEW');
    refuses(() => conditionalLogit([{ ...one, counts: [0, 0] }], [1]), 'TOO_FEW');
    refuses(() => conditionalLogit([{ ...one, counts: [1] }], [1]), 'BAD_SHAPE');
    refuses(() => conditionalLogit([{ ...one, counts: [-1, 2] }], [1]), 'BAD_COUNTS');
    refuses(() => conditionalLogit([one], [0]), 'BAD_RANGE');
    refuses(() => conditionalLogit([{ ...one, x: [[NaN], [1]] }], [1]), 'BAD_SHAPE');
    refuses(() => conditionalLogit([{ x: [[1], [1]], counts: [3, 2] }], [Infinity]), 'SINGULAR');
    refuses(() => conditionalLogit([{ ...one, counts: [0, 5] }], [Infinity]), 'NOT_CONVERGED');
    expect(conditionalLogit([{ ...one, counts: [0, 5] }], [2]).coefficients[0]).to.be.within(0, 6);
  });
});

describe('ratioInterval', () => {
  it('is the usual interval where the denominator is certain', () => {
    const { value, lo, hi } = ratioInterval(6, 2, { top: 4, bottom: 0, both: 0 })!;
    near(value, 3, 1e-12);
    near(lo, 3 - 1.959963985 * 1, 1e-8);
    near(hi, 3 + 1.959963985 * 1, 1e-8);
  });

  it('holds the ratio in 95 of 100 samples', () => {
    const random = randomFrom(5);
    const [top, bottom, sd] = [3, 1, 0.2];
    let held = 0;
    const runs = 20_000;
    for (let run = 0; run < runs; run++) {
      const interval = ratioInterval(top + sd * random.normal(), bottom + sd * random.normal(), {
        top: sd ** 2,
        bottom: sd ** 2,
        both: 0,
      });
      // in one of a thousand the denominator is not surely above 0: no bounds, which hold everything
      if (!interval || (interval.lo <= top / bottom && interval.hi >= top / bottom)) held += 1;
    }
    expect(held / runs).to.be.within(0.945, 0.955);
  });

  it('holds its value, turns over with its parts, and has no bounds where 0 may be below', () => {
    const part = fc.double({ min: 0.5, max: 50, noNaN: true });
    const variance = fc.double({ min: 1e-3, max: 5, noNaN: true });
    fc.assert(
      fc.property(part, part, variance, variance, (top, bottom, vTop, vBottom) => {
        const there = ratioInterval(top, bottom, { top: vTop, bottom: vBottom, both: 0 });
        const back = ratioInterval(bottom, top, { top: vBottom, bottom: vTop, both: 0 });
        expect(there === null).to.equal(bottom / Math.sqrt(vBottom) <= 1.9599639845400545);
        if (!there) return;
        expect(there.lo).to.be.at.most(there.value);
        expect(there.hi).to.be.at.least(there.value);
        if (back) near(back.lo * there.hi, 1, 1e-6);
      }),
    );
  });

  it('refuses a variance below 0 and a level that is none', () => {
    refuses(() => ratioInterval(1, 1, { top: -1, bottom: 1, both: 0 }), 'BAD_RANGE');
    refuses(() => ratioInterval(1, 1, { top: 1, bottom: 1, both: 0 }, 1), 'BAD_RANGE');
    refuses(() => ratioInterval(NaN, 1, { top: 1, bottom: 1, both: 0 }), 'BAD_SHAPE');
  });
});
