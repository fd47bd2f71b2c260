import { expect } from 'chai';
import fc from 'fast-check';
import {
  benjaminiHochberg,
  confidenceSequence,
  cuped,
  eProcess2x2,
  expectedLoss,
  groupSequentialBounds,
  holm,
  minimumSample,
  probabilityToBeat,
  sampleRatioMismatch,
  twoProportionTest,
  welchTest,
} from '../../src/statistics/index.js';
import { exactSample } from '../../src/statistics/minimum-sample.js';
import { anArm, near, numbers, refuses } from './arbitraries.js';
import { rowsOf } from './data.js';

describe('twoProportionTest', function () {
  this.timeout(180_000);
  it('equals R13: 17,489 of 145,274 against 17,264 of 145,310', () => {
    const test = twoProportionTest(
      { successes: 17489, trials: 145274 },
      { successes: 17264, trials: 145310 },
    );
    near(test.zPooled, 1.3109241984);
    near(test.pPooled, 0.1898833745);
    near(test.zUnpooled, 1.3109271488);
    near(test.difference.lo, -0.00078138227);
    near(test.difference.hi, 0.00393786025);
  });

  it('equals R prop.test: 15 of 50 against 25 of 50', () => {
    const test = twoProportionTest({ successes: 15, trials: 50 }, { successes: 25, trials: 50 });
    near(test.zPooled ** 2, 4.166666667, 1e-8);
    near(test.pPooled, 0.0412268333, 1e-8);
    near(test.difference.lo, -0.3879931412323, 1e-9);
    near(test.difference.hi, -0.0120068587677, 1e-7);
  });

  it('mirrors when the arms are swapped', () => {
    fc.assert(
      fc.property(anArm, anArm, (p, q) => {
        const one = twoProportionTest(p, q);
        const other = twoProportionTest(q, p);
        expect(other.difference.value).to.equal(0 - one.difference.value);
        expect(other.difference.lo).to.be.closeTo(-one.difference.hi, 1e-12);
        expect(other.pPooled).to.equal(one.pPooled);
        expect(other.pUnpooled).to.equal(one.pUnpooled);
      }),
    );
  });

  it('finds no difference without a success and refuses an empty arm', () => {
    const none = { successes: 0, trials: 10 };
    expect(twoProportionTest(none, none)).to.include({ zPooled: 0, pPooled: 1 });
    refuses(() => twoProportionTest(none, { successes: 0, trials: 0 }), 'BAD_COUNTS');
    refuses(() => twoProportionTest(none, none, 1), 'BAD_RANGE');
    refuses(() => twoProportionTest(none, { successes: NaN, trials: 3 }), 'BAD_SHAPE');
  });
});

describe('welchTest', function () {
  this.timeout(180_000);
  const sleep = rowsOf('sleep.csv');
  const group = (name: string): number[] =>
    sleep.filter((row) => row.group === name).map((row) => Number(row.extra));

  it('equals R28: the sleep data', () => {
    const { t, df, p, difference } = welchTest(group('1'), group('2'));
    near(t, -1.86081);
    near(df, 17.7765);
    near(p, 0.079394);
    near(difference.lo, -3.36548323);
    near(difference.hi, 0.20548323);
  });

  it('equals R16: one-sided, from sums', () => {
    const { difference, pOneSided } = welchTest(
      { n: 3000, sum: 1396.87, squares: 52377.9767 },
      { n: 3461, sum: 2422.7, squares: 134698.29 },
    );
    near(-difference.value, 0.23437666666666668);
    near(pOneSided, 0.03554272489873023);
  });

  it('gives the same from observations and from their sums, mirrored when swapped', () => {
    fc.assert(
      fc.property(numbers(2), numbers(2), (first, second) => {
        const sums = (y: number[]) => ({
          n: y.length,
          sum: y.reduce((sum, value) => sum + value, 0),
          squares: y.reduce((sum, value) => sum + value * value, 0),
        });
        const one = welchTest(first, second);
        fc.pre(Number.isFinite(one.t));
        const same = welchTest(sums(first), sums(second));
        const other = welchTest(second, first);
        expect(same.t).to.be.closeTo(one.t, 1e-6 * Math.max(1, Math.abs(one.t)));
        expect(other.t).to.equal(0 - one.t);
        expect(other.p).to.be.closeTo(one.p, 1e-12);
        expect(other.pOneSided + one.pOneSided).to.be.closeTo(1, 1e-9);
      }),
    );
    refuses(() => welchTest([1], [1, 2]), 'TOO_FEW');
    refuses(() => welchTest([1, NaN], [1, 2]), 'BAD_SHAPE');
  });
});

describe('expectedLoss', function () {
  this.timeout(180_000);
  it('differs between the arms by the difference of their posterior means', () => {
    fc.assert(
      fc.property(anArm, anArm, (a, b) => {
        const { ifA, ifB } = expectedLoss(a, b);
        const mean = (arm: typeof a): number => (arm.successes + 1) / (arm.trials + 2);
        expect(ifA - ifB).to.be.closeTo(mean(b) - mean(a), 1e-12);
        expect(Math.min(ifA, ifB)).to.be.at.least(-1e-9);
      }),
      { numRuns: 50 },
    );
  });

  it('equals a plain numeric integral for another prior', () => {
    const a = { successes: 12, trials: 400 };
    const b = { successes: 19, trials: 390 };
    const prior = { a: 0.5, b: 9.5 };
    // midpoint rule over both posteriors, densities without their constants
    const grid = Array.from({ length: 1500 }, (_, i) => ((i + 0.5) * 0.15) / 1500);
    const weights = (arm: typeof a): number[] => {
      const raw = grid.map((x) =>
        Math.exp(
          (arm.successes + prior.a - 1) * Math.log(x) +
            (arm.trials - arm.successes + prior.b - 1) * Math.log1p(-x),
        ),
      );
      const total = raw.reduce((sum, w) => sum + w, 0);
      return raw.map((w) => w / total);
    };
    const wa = weights(a);
    const wb = weights(b);
    let beats = 0;
    let loss = 0;
    for (const [i, x] of grid.entries()) {
      for (const [j, y] of grid.entries()) {
        if (y > x) loss += wa[i]! * wb[j]! * (y - x);
        beats += wa[i]! * wb[j]! * (y > x ? 1 : y === x ? 0.5 : 0);
      }
    }
    expect(expectedLoss(a, b, prior).ifA).to.be.closeTo(loss, 1e-6);
    expect(probabilityToBeat(a, b, prior)).to.be.closeTo(beats, 1e-5);
    refuses(() => probabilityToBeat(a, b, { a: 0, b: 1 }), 'BAD_RANGE');
  });
});

describe('groupSequentialBounds', function () {
  this.timeout(180_000);
  const fifths = [0.2, 0.4, 0.6, 0.8, 1];

  it("equals R16: Lan and DeMets' bounds for five looks", () => {
    const published = {
      'obrien-fleming': [4.8769, 3.357, 2.6803, 2.2898, 2.031],
      pocock: [2.438, 2.4268, 2.4102, 2.3966, 2.386],
    };
    for (const spending of ['obrien-fleming', 'pocock'] as const) {
      const { z, spent } = groupSequentialBounds({ fractions: fifths, spending });
      expect(z.map((bound) => Number(bound.toFixed(4)))).to.eql(published[spending]);
      expect(spent.at(-1)).to.be.closeTo(0.05, 1e-12);
    }
  });

  it('is the ordinary bound for one look and spends α with any looks', () => {
    expect(groupSequentialBounds({ fractions: [1], spending: 'pocock' }).z[0]).to.be.closeTo(1.959964, 1e-5);
    const { z, spent } = groupSequentialBounds({
      fractions: [0.1, 0.35, 0.9],
      alpha: 0.1,
      spending: 'obrien-fleming',
    });
    expect(z[0]).to.be.above(z[1]!);
    expect(z[1]).to.be.above(z[2]!);
    expect(spent).to.eql([...spent].sort((p, q) => p - q));
  });

  it('needs few points for six digits', () => {
    const fractions = [0.11, 0.35, 0.4, 0.93, 1];
    const few = groupSequentialBounds({ fractions, spending: 'obrien-fleming', points: 201 }).z;
    const many = groupSequentialBounds({ fractions, spending: 'obrien-fleming' }).z;
    few.forEach((z, i) => expect(z).to.be.closeTo(many[i]!, 1e-6));
    refuses(() => groupSequentialBounds({ fractions, spending: 'pocock', points: 200 }), 'BAD_RANGE');
  });

  it('refuses looks that do not rise', () => {
    refuses(() => groupSequentialBounds({ fractions: [0.5, 0.5], spending: 'pocock' }), 'BAD_RANGE');
    refuses(() => groupSequentialBounds({ fractions: [0.5, 1.5], spending: 'pocock' }), 'BAD_RANGE');
    refuses(() => groupSequentialBounds({ fractions: [1], alpha: 0, spending: 'pocock' }), 'BAD_RANGE');
    refuses(() => groupSequentialBounds({ fractions: [], spending: 'pocock' }), 'TOO_FEW');
  });
});

describe('confidenceSequence', function () {
  this.timeout(180_000);
  const a = { n: 3000, sum: 1396.87, squares: 52377.9767 };
  const b = { n: 3461, sum: 2422.7, squares: 134698.29 };

  it('equals R16: relative effect on a mean and on a proportion', () => {
    const mean = confidenceSequence({ kind: 'mean', a, b, scale: 'relative', plannedN: 1000 });
    near(mean.value, 0.50336);
    near(mean.se, 0.33341);
    near(mean.lo, -0.55844);
    near(mean.hi, 1.56516);
    const share = confidenceSequence({
      kind: 'proportion',
      a: { successes: 1396, trials: 3000 },
      b: { successes: 2422, trials: 3461 },
      scale: 'relative',
      plannedN: 5000,
    });
    near(share.value, 0.50386);
    near(share.lo, 0.40098);
    near(share.hi, 0.60675);
  });

  it('mirrors when the arms are swapped, holds its estimate, and narrows with a larger α', () => {
    const plannedN = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(anArm, anArm, plannedN, (p, q, planned) => {
        const of = (a: typeof p, b: typeof p, alpha = 0.05) =>
          confidenceSequence({ kind: 'proportion', a, b, scale: 'absolute', plannedN: planned, alpha });
        const [one, other, loose] = [of(p, q), of(q, p), of(p, q, 0.2)];
        expect(other.value).to.be.closeTo(-one.value, 1e-12);
        expect(other.lo).to.be.closeTo(-one.hi, 1e-9);
        expect(other.hi).to.be.closeTo(-one.lo, 1e-9);
        expect(other.se).to.be.closeTo(one.se, 1e-12);
        expect(one.value).to.be.within(one.lo, one.hi);
        expect(one.hi - one.value).to.be.at.least(1.959964 * one.se);
        if (planned <= p.trials + q.trials) expect(loose.hi).to.be.at.most(one.hi);
      }),
    );
  });

  it('is absolute too, always wider than the fixed interval, and mirrors', () => {
    const one = confidenceSequence({ kind: 'mean', a, b, scale: 'absolute', plannedN: 6000 });
    near(one.value, 0.23437666666666668);
    expect(one.hi - one.value).to.be.above(1.96 * one.se);
    const other = confidenceSequence({ kind: 'mean', a: b, b: a, scale: 'absolute', plannedN: 6000 });
    expect(other.lo).to.be.closeTo(-one.hi, 1e-12);
    refuses(
      () =>
        confidenceSequence({
          kind: 'proportion',
          a: { successes: 0, trials: 9 },
          b: { successes: 1, trials: 9 },
          scale: 'relative',
          plannedN: 100,
        }),
      'BAD_RANGE',
    );
  });
});

describe('eProcess2x2', function () {
  this.timeout(180_000);
  const block = (ka: number, kb: number, n = 50) => ({
    a: { successes: ka, trials: n },
    b: { successes: kb, trials: n },
  });

  it('follows its formula block by block', () => {
    const { logE } = eProcess2x2([block(1, 3), block(0, 4)]);
    // before the first block all rates are one half: nothing is learned
    expect(logE[0]).to.be.closeTo(0, 1e-12);
    const qa = (1 + 0.18) / (50 + 0.36);
    const qb = (3 + 0.18) / (50 + 0.36);
    const q0 = (qa + qb) / 2;
    const expected =
      50 * Math.log(1 - qa) +
      4 * Math.log(qb) +
      46 * Math.log(1 - qb) -
      4 * Math.log(q0) -
      96 * Math.log(1 - q0);
    expect(logE[1]).to.be.closeTo(expected, 1e-12);
  });

  it('mirrors when the arms are swapped, and never forgets', () => {
    const blocks = fc.array(fc.record({ a: anArm, b: anArm }), { maxLength: 12 });
    fc.assert(
      fc.property(blocks, (some) => {
        const one = eProcess2x2(some);
        const other = eProcess2x2(some.map(({ a, b }) => ({ a: b, b: a })));
        one.logE.forEach((logE, i) => expect(other.logE[i]).to.be.closeTo(logE, 1e-8));
        expect(other.p).to.be.closeTo(one.p, 1e-9);
        expect(one.p).to.be.closeTo(Math.exp(-Math.max(0, ...one.logE)), 1e-12);
        // what was said of the first blocks does not change when others follow
        expect(eProcess2x2(some.slice(0, -1)).logE).to.eql(one.logE.slice(0, -1));
      }),
    );
  });

  it('stops on a real difference, keeps its smallest p, mirrors, and refuses half a block', () => {
    const blocks = Array.from({ length: 40 }, () => block(1, 5));
    const { stoppedAt, p, logE } = eProcess2x2(blocks);
    expect(stoppedAt).to.be.within(1, 39);
    expect(logE[stoppedAt!]).to.be.at.least(Math.log(20));
    expect(p).to.be.at.most(0.05);
    const swapped = eProcess2x2(blocks.map(({ a, b }) => ({ a: b, b: a })));
    expect(swapped.logE.at(-1)).to.be.closeTo(logE.at(-1)!, 1e-9);
    expect(eProcess2x2([])).to.eql({ logE: [], p: 1, stoppedAt: null });
    refuses(
      () => eProcess2x2([{ a: { successes: 0, trials: 0 }, b: { successes: 0, trials: 5 } }]),
      'BAD_COUNTS',
    );
  });
});

describe('sampleRatioMismatch', function () {
  this.timeout(180_000);
  it('is the χ² test of R, warns below .01 and blocks below .001', () => {
    const { chi2, df, p, verdict } = sampleRatioMismatch([5200, 4800], [0.5, 0.5]);
    expect([chi2, df]).to.eql([16, 1]);
    near(p, 6.33424836662e-5, 1e-6);
    expect(verdict).to.equal('block');
    expect(sampleRatioMismatch([5140, 4860], [1, 1]).verdict).to.equal('warn');
    expect(sampleRatioMismatch([1010, 1990], [1, 2]).verdict).to.equal('ok');
    expect(sampleRatioMismatch([0, 0], [1, 1]).verdict).to.equal('ok');
    refuses(() => sampleRatioMismatch([1, 2], [1]), 'BAD_SHAPE');
    refuses(() => sampleRatioMismatch([1, 2], [0, 1]), 'BAD_RANGE');
  });
});

describe('cuped', function () {
  this.timeout(180_000);
  it('takes out what the pre-period explains and keeps the mean over all arms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })), {
          minLength: 4,
          maxLength: 60,
        }),
        (pairs) => {
          const half = Math.floor(pairs.length / 2);
          const arm = (rows: typeof pairs) => ({
            x: rows.map(([x]) => x),
            y: rows.map(([x, noise]) => 2 * x + noise),
          });
          const arms = [arm(pairs.slice(0, half)), arm(pairs.slice(half))];
          const result = cuped(arms);
          const whole = (values: number[][], sizes: number[]): number =>
            values.reduce((sum, [value], i) => sum + value! * sizes[i]!, 0) / pairs.length;
          const sizes = result.arms.map(({ n }) => n);
          expect(
            whole(
              result.arms.map(({ mean }) => [mean]),
              sizes,
            ),
          ).to.be.closeTo(arms.flatMap(({ y }) => y).reduce((sum, y) => sum + y, 0) / pairs.length, 1e-9);
          expect(result.varianceReduction).to.be.within(0, 1 + 1e-12);
          expect(result.varianceReduction).to.be.closeTo(result.rho ** 2, 1e-12);
        },
      ),
    );
  });

  it('leaves nothing of an outcome that is its covariate, and everything without one', () => {
    const [perfect] = cuped([{ y: [1, 2, 3, 4], x: [10, 20, 30, 40] }]).arms;
    expect(perfect!.variance).to.be.closeTo(0, 1e-12);
    expect(cuped([{ y: [1, 2, 4], x: [5, 5, 5] }])).to.include({ theta: 0, rho: 0 });
    refuses(() => cuped([{ y: [1, 2], x: [1] }]), 'BAD_SHAPE');
  });
});

describe('minimumSample', function () {
  this.timeout(180_000);
  it('equals R28 and the plans of the chapter, rounded up', () => {
    const published = minimumSample({ base: 0.1, relativeEffect: 0.2 });
    expect(exactSample(0.1, 0.12, { alpha: 0.05, power: 0.8 })).to.be.closeTo(3840.8475, 5e-5);
    expect(published).to.eql({ perArm: 3841, days: null });
    expect(minimumSample({ base: 0.0015, relativeEffect: 0.3, perDay: 100 })).to.include({
      perArm: 133490,
      days: 2670,
    });
    expect(minimumSample({ base: 0.02, relativeEffect: 0.3, perDay: 100 })).to.include({
      perArm: 9798,
      days: 196,
    });
    expect(minimumSample({ base: 0.12, relativeEffect: 0.15, perDay: 100 }).days).to.equal(109);
    expect(minimumSample({ base: 0.3, relativeEffect: 0.1, perDay: 100 }).days).to.equal(76);
  });

  it('refuses an effect out of 0…1', () => {
    refuses(() => minimumSample({ base: 0.5, relativeEffect: 1 }), 'BAD_RANGE');
    refuses(() => minimumSample({ base: 0.5, relativeEffect: 0 }), 'BAD_RANGE');
  });
});

describe('holm and benjaminiHochberg', function () {
  this.timeout(180_000);
  it('equal R p.adjust', () => {
    expect(holm([0.01, 0.02, 0.03, 0.04, 0.05]).map((p) => Number(p.toFixed(9)))).to.eql([
      0.05, 0.08, 0.09, 0.09, 0.09,
    ]);
    expect(holm([0.04, 0.01, 0.03]).map((p) => Number(p.toFixed(9)))).to.eql([0.06, 0.03, 0.06]);
    expect(benjaminiHochberg([0.13, 0.011, 0.02, 0.04, 0.005]).map((p) => Number(p.toFixed(6)))).to.eql([
      0.13, 0.0275, 0.033333, 0.05, 0.025,
    ]);
  });

  it('never lower a p and keep their order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (p) => {
        for (const adjusted of [holm(p), benjaminiHochberg(p)]) {
          adjusted.forEach((value, i) => {
            expect(value).to.be.within(p[i]! - 1e-15, 1);
            adjusted.forEach((other, j) => {
              if (p[i]! < p[j]!) expect(value).to.be.at.most(other);
            });
          });
        }
      }),
    );
    refuses(() => holm([1.2]), 'BAD_RANGE');
    refuses(() => benjaminiHochberg([NaN]), 'BAD_SHAPE');
  });
});
