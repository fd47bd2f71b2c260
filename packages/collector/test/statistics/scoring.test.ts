import { expect } from 'chai';
import fc from 'fast-check';
import { isotonic, kaplanMeier, ridgeLogistic } from '../../src/statistics/index.js';
import { near, refuses } from './arbitraries.js';

describe('ridgeLogistic', function () {
  this.timeout(180_000);
  /** Spread of features, and outcomes with known chances. */
  const cases = (n: number) => {
    let state = 11;
    const uniform = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    const x = Array.from({ length: n }, () => [uniform() * 2 - 1, uniform() * 2 - 1]);
    const y = x.map(
      ([p, q]) => (uniform() < 1 / (1 + Math.exp(-(-0.5 + 1.5 * p! - 0.7 * q!))) ? 1 : 0) as 0 | 1,
    );
    return { x, y };
  };

  it('stands where the gradient of the penalised likelihood is zero', () => {
    const { x, y } = cases(600);
    for (const lambda of [0, 1, 25]) {
      const { intercept, coefficients } = ridgeLogistic(x, y, { lambda });
      const gradient = [0, -lambda * coefficients[0]!, -lambda * coefficients[1]!];
      x.forEach((row, i) => {
        const p = 1 / (1 + Math.exp(-(intercept + coefficients[0]! * row[0]! + coefficients[1]! * row[1]!)));
        [1, ...row].forEach((value, j) => (gradient[j]! += (y[i]! - p) * value));
      });
      for (const slope of gradient) expect(slope).to.be.closeTo(0, 1e-5);
    }
  });

  it('finds the true coefficients in many cases and pulls them to 0 as lambda grows', () => {
    const { x, y } = cases(20_000);
    const free = ridgeLogistic(x, y, { lambda: 0 });
    expect(free.intercept).to.be.closeTo(-0.5, 0.08);
    expect(free.coefficients[0]).to.be.closeTo(1.5, 0.12);
    expect(free.coefficients[1]).to.be.closeTo(-0.7, 0.12);
    const tight = ridgeLogistic(x, y, { lambda: 1e6 });
    expect(Math.abs(tight.coefficients[0]!)).to.be.below(0.01);
  });

  it('ends where it would have ended, whatever it starts from', () => {
    const { x, y } = cases(600);
    const cold = ridgeLogistic(x, y, { lambda: 1 });
    const start = ridgeLogistic(x.slice(120), y.slice(120), { lambda: 1 });
    for (const from of [start, cold, { intercept: 3, coefficients: [-2, 2] }]) {
      const warm = ridgeLogistic(x, y, { lambda: 1, start: from });
      expect(warm.intercept).to.be.closeTo(cold.intercept, 1e-8);
      warm.coefficients.forEach((value, j) => expect(value).to.be.closeTo(cold.coefficients[j]!, 1e-8));
    }
  });

  it('refuses few successes, and cases that one feature separates', () => {
    const { x, y } = cases(60);
    refuses(() => ridgeLogistic(x, y, { lambda: 1 }), 'TOO_FEW');
    const apart = Array.from({ length: 200 }, (_, i) => [i]);
    const outcome = apart.map(([i]) => (i! >= 100 ? 1 : 0) as 0 | 1);
    refuses(() => ridgeLogistic(apart, outcome, { lambda: 0 }), 'NOT_CONVERGED');
    expect(ridgeLogistic(apart, outcome, { lambda: 1 }).coefficients[0]).to.be.above(0);
    refuses(() => ridgeLogistic(x, y.slice(1), { lambda: 1 }), 'BAD_SHAPE');
    refuses(() => ridgeLogistic(x, y, { lambda: -1 }), 'BAD_RANGE');
  });
});

describe('isotonic', function () {
  this.timeout(180_000);
  it('equals R isoreg', () => {
    const { thresholds, values } = isotonic([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 0, 0, 1, 0, 1, 1, 0, 1, 1]);
    expect(thresholds).to.eql([1, 4, 6, 9]);
    [1 / 3, 1 / 2, 2 / 3, 1].forEach((value, i) => expect(values[i]).to.be.closeTo(value, 1e-12));
  });

  it('never falls, keeps the overall share, and gives equal scores one value', () => {
    const aCase = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom<0 | 1>(0, 1));
    fc.assert(
      fc.property(fc.array(aCase, { minLength: 1, maxLength: 60 }), (some) => {
        const score = some.map(([s]) => s);
        const { thresholds, values } = isotonic(
          score,
          some.map(([, y]) => y),
        );
        expect(new Set(thresholds).size).to.equal(thresholds.length);
        values.forEach((value, i) => expect(value).to.be.at.least(values[i - 1] ?? 0));
        const of = (s: number): number => values[thresholds.findLastIndex((threshold) => threshold <= s)]!;
        const mean = score.reduce((sum, s) => sum + of(s), 0) / score.length;
        expect(mean).to.be.closeTo(some.reduce((sum, [, y]) => sum + y, 0) / some.length, 1e-9);
      }),
    );
    refuses(() => isotonic([], []), 'TOO_FEW');
  });
});

describe('kaplanMeier', function () {
  this.timeout(180_000);
  it('equals R survfit of the leukaemia data, rows of one time in any order', () => {
    const event = [5, 5, 8, 8, 9, 12, 13, 18, 23, 23, 27, 30, 31, 33, 34, 43, 45, 48];
    const censored = [13, 16, 28, 45, 161];
    const { steps, median } = kaplanMeier([
      ...censored.map((time) => ({ time, events: 0, censored: 1 })),
      ...event.map((time) => ({ time, events: 1, censored: 0 })),
    ]);
    const at = (time: number) => steps.find((step) => step.time === time)!;
    near(at(13).survival, 0.695652174, 1e-8);
    near(at(23).standardError, 0.107250642, 1e-8);
    near(at(31).lo, 0.222515298, 1e-8);
    near(at(31).hi, 0.67124244, 1e-8);
    near(at(48).survival, 0.082815735, 1e-7);
    expect(at(45).atRisk).to.equal(4);
    expect(median).to.equal(27);
  });

  it('never rises and stays between its bounds', () => {
    const row = fc.record({ time: fc.nat(30), events: fc.nat(4), censored: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        let before = 1;
        for (const { survival, lo, hi } of kaplanMeier(rows).steps) {
          expect(survival).to.be.within(0, before);
          expect(lo).to.be.at.most(survival);
          expect(hi).to.be.at.least(survival);
          before = survival;
        }
      }),
    );
    refuses(() => kaplanMeier([{ time: 1, events: -1, censored: 0 }]), 'BAD_COUNTS');
    refuses(() => kaplanMeier([{ time: NaN, events: 1, censored: 0 }]), 'BAD_SHAPE');
  });
});
