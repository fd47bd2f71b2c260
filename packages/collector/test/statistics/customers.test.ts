import { expect } from 'chai';
import {
  bgNbdExpected,
  customerLifetimeValue,
  fitBgNbd,
  fitGammaGamma,
  fitParetoNbd,
  gammaGammaExpected,
  kMeans,
  purchaseSummary,
  retention,
  rfm,
  type Customer,
} from '../../src/statistics/index.js';
import { near, refuses } from './arbitraries.js';
import { dayOf, linesOf, rowsOf } from './data.js';

const published: Customer[] = rowsOf('cdnow_summary_rfm.csv').map((row) => ({
  id: row.ID!,
  x: Number(row.x),
  tx: Number(row.t_x),
  T: Number(row.T),
  m: Number(row.zbar),
  unit: 'week',
}));

const purchases = linesOf('cdnow_sample.txt').map((line) => {
  const [, customer, date, , dollars] = line.trim().split(/\s+/);
  return { customer: customer!, day: dayOf(date!), amount: Number(dollars) };
});
const END = dayOf('19970930');

describe('purchaseSummary', function () {
  this.timeout(180_000);
  const own = purchaseSummary(purchases, { endDay: END, unit: 'week' });

  it('equals R2: every row of the published summary', () => {
    expect(own.length).to.equal(2357);
    own.forEach((row, i) => {
      const expected = published[i]!;
      expect(row.x).to.equal(expected.x);
      for (const field of ['tx', 'T', 'm'] as const) expect(row[field]).to.be.closeTo(expected[field], 0.01);
    });
    expect(own.filter(({ x }) => x > 0).length).to.equal(946);
    expect(own.reduce((sum, { x }) => sum + x, 0)).to.equal(2457);
  });

  it('leaves 1,882 hold-out purchases, of which BG/NBD expects 1,653', () => {
    const all = purchaseSummary(purchases, { endDay: dayOf('19980630'), unit: 'week' });
    const known = new Map(own.map(({ id, x }) => [id, x]));
    expect(all.reduce((sum, { id, x }) => sum + x - known.get(id)!, 0)).to.equal(1882);
    const fit = fitBgNbd(own);
    near(
      own.reduce((sum, customer) => sum + bgNbdExpected(fit, 39, customer), 0),
      1653.4235,
    );
  });

  it('makes one purchase of a day, counts in days too, and refuses no number', () => {
    const two = [
      { customer: 'a', day: 10, amount: 5 },
      { customer: 'a', day: 17, amount: 3 },
      { customer: 'a', day: 17, amount: 4 },
      { customer: 'a', day: 40, amount: 9 },
      { customer: 'b', day: 41, amount: 1 },
    ];
    expect(purchaseSummary(two, { endDay: 31, unit: 'week' })).to.eql([
      { id: 'a', x: 1, tx: 1, T: 3, m: 7, unit: 'week' },
    ]);
    expect(purchaseSummary(two, { endDay: 31, unit: 'day' })[0]).to.include({ tx: 7, T: 21 });
    refuses(
      () => purchaseSummary([{ customer: 'a', day: NaN, amount: 1 }], { endDay: 3, unit: 'day' }),
      'BAD_SHAPE',
    );
  });
});

describe('BG/NBD', function () {
  this.timeout(180_000);
  const fit = fitBgNbd(published);

  it('equals R1', () => {
    near(fit.r, 0.242593, 0.005);
    near(fit.alpha, 4.413531, 0.005);
    near(fit.a, 0.792886, 0.005);
    near(fit.b, 2.425752, 0.005);
    expect(fit.logLikelihood).to.be.closeTo(-9582.4256, 0.01);
    near(bgNbdExpected(fit, 39, { id: '', x: 2, tx: 30.43, T: 38.86, m: 0, unit: 'week' }), 1.2259106);
    const expected = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576];
    [0.1429, 1, 3, 31.8571, 32, 78].forEach((t, i) => {
      expect(bgNbdExpected(fit, t)).to.be.closeTo(expected[i]!, 0.001);
    });
  });

  it('finds the same customers when they are counted in days', () => {
    const days = fitBgNbd(purchaseSummary(purchases, { endDay: END, unit: 'day' }));
    near(days.r, fit.r, 0.005);
    near(days.alpha, 7 * fit.alpha, 0.005);
    near(bgNbdExpected(days, 70), bgNbdExpected(fit, 10), 0.002);
  });

  it('refuses mixed units and customers who never came back', () => {
    refuses(() => bgNbdExpected(fit, 1, { id: '', x: 1, tx: 1, T: 2, m: 0, unit: 'day' }), 'UNIT_MISMATCH');
    refuses(() => fitBgNbd([published[0]!, { ...published[1]!, unit: 'day' }]), 'UNIT_MISMATCH');
    refuses(() => fitBgNbd(published.slice(0, 1)), 'TOO_FEW');
    refuses(() => fitBgNbd(published.filter(({ x }) => x === 0)), 'TOO_FEW');
  });
});

describe('fitParetoNbd', function () {
  this.timeout(180_000);
  it('equals R3', () => {
    const fit = fitParetoNbd(published);
    near(fit.r, 0.553276);
    near(fit.alpha, 10.577613);
    near(fit.s, 0.606213);
    near(fit.beta, 11.667907);
    expect(fit.logLikelihood).to.be.closeTo(-9594.974, 0.01);
  });
});

describe('Gamma–Gamma and lifetime value', function () {
  this.timeout(180_000);
  const spend = fitGammaGamma(published);
  const orders = fitBgNbd(published);

  it('equals R4', () => {
    expect(published.filter(({ x }) => x > 0).length).to.equal(946);
    near(spend.p, 6.2488);
    near(spend.q, 3.744589);
    near(spend.v, 15.447754);
    expect(spend.logLikelihood).to.be.closeTo(-4055.9232, 0.01);
    const first = [
      24.658617, 18.911482, 35.171003, 35.171003, 35.171003, 71.46285, 18.911482, 35.171003, 27.282408,
      35.171003,
    ];
    first.forEach((value, i) => near(gammaGammaExpected(spend, published[i]!), value));
    near(
      published.reduce((sum, customer) => sum + gammaGammaExpected(spend, customer), 0) / published.length,
      35.252959,
    );
  });

  it('equals R5: months of 4.345 weeks, and the trap of 30', () => {
    const results: Record<number, number[]> = {
      4.345: [36.2785, 4.6375, 8.3441, 8.3441, 8.3441, 283.5237, 6.8814, 8.3441, 43.3536, 8.3441],
      30: [140.0963, 18.9435, 38.1806, 38.1806, 38.1806, 1003.8688, 28.1097, 38.1806, 167.4183, 38.1806],
    };
    for (const [unitsPerStep, values] of Object.entries(results)) {
      values.forEach((value, i) => {
        const own = customerLifetimeValue({
          purchases: orders,
          spend,
          customer: published[i]!,
          steps: 12,
          unitsPerStep: Number(unitsPerStep),
          discountPerStep: 0.01,
        });
        near(own, value, 1e-3);
      });
    }
  });

  it('refuses values that depend on frequency, unless told', () => {
    const dependent = Array.from({ length: 60 }, (_, i) => ({
      x: 1 + (i % 6),
      m: 10 * (1 + (i % 6)) + (i % 5),
    }));
    refuses(() => fitGammaGamma(dependent), 'DEPENDENT');
    refuses(() => fitGammaGamma([{ x: 0, m: 0 }]), 'TOO_FEW');
    refuses(() => gammaGammaExpected({ ...spend, q: 0.5 }, { x: 0, m: 0 }), 'BAD_RANGE');
    const independent = published.map(({ x, m }) => ({ x, m }));
    expect(fitGammaGamma(independent, { allowDependence: true })).to.eql(spend);
  });
});

describe('rfm and kMeans', function () {
  this.timeout(180_000);
  const reference = dayOf('19980701');
  const customers = new Map<
    string,
    { id: string; recencyDays: number; frequency: number; monetary: number }
  >();
  let rows = 0;
  for (const line of linesOf('cdnow_master.txt').slice(1)) {
    const [id, date, , dollars] = line.trim().split(/\s+/);
    const own = customers.get(id!) ?? { id: id!, recencyDays: Infinity, frequency: 0, monetary: 0 };
    own.recencyDays = Math.min(own.recencyDays, reference - dayOf(date!));
    own.frequency++;
    own.monetary += Number(dollars);
    customers.set(id!, own);
    rows++;
  }
  const all = [...customers.values()];

  it('equals R24: cuts of 23,570 customers', () => {
    expect([all.length, rows]).to.eql([23570, 69659]);
    near(
      all.reduce((sum, { monetary }) => sum + monetary, 0),
      2500315.63,
      1e-9,
    );
    const { cuts, scores } = rfm(all);
    expect(cuts.R).to.eql([142, 433, 486, 513]);
    expect(cuts.F).to.eql([1, 1, 2, 4]);
    [15.36, 31.35, 59.92, 133.95].forEach((cut, i) => near(cuts.M[i]!, cut));
    const best = all.findIndex(({ recencyDays }) => recencyDays <= 142);
    expect(scores[best]!.r).to.equal(5);
    expect(new Set(scores.map(({ f }) => f))).to.eql(new Set([1, 3, 4, 5]));
  });

  it('equals R24: k-means of the customers', function () {
    this.timeout(180_000);
    const points = all.map(({ recencyDays, frequency, monetary }) => [
      Math.log1p(recencyDays),
      Math.log(frequency),
      Math.log1p(monetary),
    ]);
    const inertia = [28275.0, 19029.525, 15426.404, 12993.532];
    [2, 3, 4, 5].forEach((k, i) => {
      near(kMeans(points, { k, seed: 1, standardise: 'population' }).inertia, inertia[i]!);
    });
  });

  const iris = rowsOf('iris.csv').map((row) =>
    ['Sepal.Length', 'Sepal.Width', 'Petal.Length', 'Petal.Width'].map((name) => Number(row[name])),
  );

  it('equals R24: k-means of iris, raw and scaled', () => {
    const raw = kMeans(iris, { k: 3, seed: 7 });
    near(raw.inertia, 78.85144143, 1e-6);
    const sizes = [0, 1, 2].map((label) => raw.labels.filter((own) => own === label).length);
    expect(sizes.sort((p, q) => p - q)).to.eql([38, 50, 62]);
    near(raw.silhouette, 0.5528, 1e-3);
    near(kMeans(iris, { k: 3, seed: 7, standardise: 'sample' }).inertia, 138.8883597, 1e-6);
  });

  it('chooses the number of groups by silhouette, is stable on real groups, and repeats itself', () => {
    const chosen = kMeans(iris, { k: [2, 6], seed: 3 });
    expect(chosen.k).to.equal(2);
    expect(chosen.stability).to.be.above(0.9);
    expect(kMeans(iris, { k: [2, 6], seed: 3 })).to.eql(chosen);
    refuses(() => kMeans(iris.slice(0, 2), { k: 3, seed: 1 }), 'TOO_FEW');
    refuses(() => kMeans([[1], [2, 3]], { k: 1, seed: 1 }), 'BAD_SHAPE');
    refuses(() => kMeans(iris, { k: 0, seed: 1 }), 'BAD_RANGE');
  });
});

describe('retention', function () {
  this.timeout(180_000);
  const DAY = 86_400_000;

  it('equals R19: users 1–5, 1–10, 1–15 on three days', () => {
    const visits = [5, 10, 15].flatMap((last, day) =>
      Array.from({ length: last }, (_, user) => ({ unit: String(user + 1), atMs: day * DAY })),
    );
    const cohort = new Set(visits.filter(({ atMs }) => atMs < DAY).map(({ unit }) => unit));
    expect(
      retention(
        visits.filter(({ unit }) => cohort.has(unit)),
        { periodMs: DAY, periods: 3 },
      ),
    ).to.eql({ size: 5, bounded: [5, 5, 5], unbounded: [5, 5, 5] });
  });

  it('floors to the hour, rolls from the first visit, and counts who comes later', () => {
    const visits = [
      { unit: 'a', atMs: 50 * 60_000 },
      { unit: 'a', atMs: DAY + 10 * 60_000 },
      { unit: 'b', atMs: 0 },
      { unit: 'b', atMs: 2 * DAY - 1 },
      { unit: 'b', atMs: 9 * DAY },
    ];
    expect(retention(visits, { periodMs: DAY, periods: 3 })).to.eql({
      size: 2,
      bounded: [2, 2, 0],
      unbounded: [2, 2, 1],
    });
    refuses(() => retention(visits, { periodMs: 0, periods: 3 }), 'BAD_RANGE');
  });
});
