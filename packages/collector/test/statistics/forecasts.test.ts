import { expect } from 'chai';
import fc from 'fast-check';
import {
  conformalIntervals,
  forecastEnsemble,
  forecastScores,
  holtWinters,
  mstlEts,
  pooledIntervals,
  StatisticsError,
  stlTrend,
  theta,
  type Forecast,
} from '../../src/statistics/index.js';
import { near, refuses } from './arbitraries.js';
import { rowsOf } from './data.js';

const passengers = rowsOf('airpassengers.csv').map((row) => Number(row.y));
const series = rowsOf('m3_monthly_200.csv').map((row) => {
  const values = row.values!.split(' ').map(Number);
  return { y: values.slice(0, Number(row.n)), actual: values.slice(Number(row.n)) };
});
const YEAR = { period: 12, horizon: 18 };

/** sMAPE over all points, MASE and coverage over series. */
const scoreOf = (forecaster: (y: number[]) => Forecast) => {
  const all = series.map(({ y, actual }) =>
    forecastScores(actual, forecaster(y), { insample: y, period: 12 }),
  );
  const mean = (of: (score: (typeof all)[number]) => number): number =>
    all.reduce((sum, s) => sum + of(s), 0) / all.length;
  return {
    smape: mean((s) => s.smape),
    mase: mean((s) => s.mase),
    coverage80: mean((s) => s.coverage80),
    coverage95: mean((s) => s.coverage95),
  };
};

describe('holtWinters', function () {
  this.timeout(180_000);
  it('equals R7, multiplicative', () => {
    const fit = holtWinters(passengers, { period: 12, horizon: 12, kind: 'multiplicative' });
    expect(fit.alpha).to.be.closeTo(0.275592, 0.005);
    expect(fit.beta).to.be.closeTo(0.032693, 0.005);
    expect(fit.gamma).to.be.closeTo(0.870729, 0.005);
    near(fit.sse, 16570.78, 1e-3);
    const published = [
      447.0559, 419.7123, 464.8671, 496.0839, 507.5326, 575.4509, 666.5923, 657.9137, 550.3088, 492.9853,
      420.2073, 465.6345,
    ];
    published.forEach((value, h) => near(fit.mean[h]!, value, 5e-3));
  });

  it('equals R7, additive', () => {
    const fit = holtWinters(passengers, { period: 12, horizon: 12, kind: 'additive' });
    expect(fit.alpha).to.be.closeTo(0.247959, 0.005);
    expect(fit.beta).to.be.closeTo(0.034534, 0.005);
    expect(fit.gamma).to.be.closeTo(1, 0.005);
    near(fit.sse, 21860.18, 1e-3);
    near(fit.mean[0]!, 453.4977, 5e-3);
    near(fit.mean[11]!, 469.5315, 5e-3);
  });

  it('goes on with a line and a season that are exact', () => {
    const y = Array.from({ length: 40 }, (_, t) => 100 + 2 * t + [5, -3, 0, -2][t % 4]!);
    const { mean } = holtWinters(y, { period: 4, horizon: 4, kind: 'additive' });
    mean.forEach((value, h) => expect(value).to.be.closeTo(180 + 2 * h + [5, -3, 0, -2][h]!, 1e-6));
    refuses(() => holtWinters(y.slice(0, 8), { period: 4, horizon: 1, kind: 'additive' }), 'TOO_FEW');
    refuses(() => holtWinters([...y, -1], { period: 4, horizon: 1, kind: 'multiplicative' }), 'BAD_RANGE');
  });
});

describe('stlTrend', function () {
  this.timeout(180_000);
  it('equals R9', () => {
    const { trend, seasonal, remainder } = stlTrend(passengers, 12);
    const published = [
      [1, -17.8962971726, 123.2952461116, 6.601051061],
      [2, -19.2463510144, 123.8485882747, 13.3977627397],
      [3, 6.7407320268, 124.4019304379, 0.8573375353],
      [72, -29.8456339154, 258.4764826758, 0.3691512396],
      [143, -73.3337450209, 493.3566135255, -30.0228685046],
      [144, -42.618734475, 496.9337585817, -22.3150241067],
    ] as const;
    for (const [t, season, level, rest] of published) {
      expect(seasonal[t - 1]).to.be.closeTo(season, 1e-6);
      expect(trend[t - 1]).to.be.closeTo(level, 1e-6);
      expect(remainder[t - 1]).to.be.closeTo(rest, 1e-6);
    }
  });

  it('adds up to the series, whatever the period', () => {
    const y = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 30, maxLength: 90 });
    fc.assert(
      fc.property(y, fc.integer({ min: 2, max: 14 }), (values, period) => {
        const { trend, seasonal, remainder } = stlTrend(values, period);
        values.forEach((value, i) =>
          expect(trend[i]! + seasonal[i]! + remainder[i]!).to.be.closeTo(value, 1e-9),
        );
      }),
      { numRuns: 40 },
    );
    refuses(() => stlTrend([1, 2, 3, 4], 2), 'TOO_FEW');
    refuses(() => stlTrend(passengers, 1), 'BAD_RANGE');
  });
});

describe('theta', function () {
  this.timeout(180_000);
  it('equals R forecast::thetaf of the passengers', () => {
    const published = [440.0767, 428.3829, 489.7055, 475.7031, 479.6688, 545.3645];
    published.forEach((value, h) =>
      near(theta(passengers, { period: 12, horizon: 6 }).mean[h]!, value, 1e-5),
    );
  });

  it('follows scale: ten times the series, ten times the forecast', () => {
    const one = theta(passengers, YEAR);
    const ten = theta(
      passengers.map((y) => 10 * y),
      YEAR,
    );
    one.mean.forEach((value, h) => near(ten.mean[h]!, 10 * value, 1e-6));
    one.hi95.forEach((value, h) => near(ten.hi95[h]!, 10 * value, 1e-6));
  });

  it('refuses short series and logs of nothing', () => {
    refuses(() => theta(passengers.slice(0, 23), YEAR), 'TOO_FEW');
    refuses(
      () =>
        theta(
          passengers.map(() => 0),
          { ...YEAR, log: true },
        ),
      'BAD_RANGE',
    );
    refuses(() => theta(passengers, { period: 12, horizon: 0 }), 'BAD_RANGE');
    refuses(() => theta([...passengers, NaN], YEAR), 'BAD_SHAPE');
    expect(
      theta(
        passengers.map(() => 0),
        YEAR,
      ).mean,
    ).to.eql(new Array(18).fill(0));
  });
});

describe('mstlEts', function () {
  this.timeout(180_000);
  it('comes within 3 % of what the passengers were worth to R stlf on logs', () => {
    const { mean } = mstlEts(passengers.slice(0, 132), { period: 12, horizon: 12, log: true });
    const actual = passengers.slice(132);
    const error = mean.reduce((sum, value, h) => sum + Math.abs(value / actual[h]! - 1), 0) / 12;
    expect(error).to.be.below(0.06);
  });

  it('works without a season', () => {
    const line = Array.from({ length: 40 }, (_, t) => 50 + 3 * t + (t % 3));
    const { mean, lo95, hi95 } = mstlEts(line, { period: 1, horizon: 5 });
    mean.forEach((value, h) => {
      expect(value).to.be.closeTo(50 + 3 * (40 + h) + 1, 6);
      expect(lo95[h]).to.be.below(value);
      expect(hi95[h]).to.be.above(value);
    });
  });
});

describe('forecastScores', function () {
  this.timeout(180_000);
  it('equals the check of the M3 set: seasonal naive 26.7444 and .9108', () => {
    const { smape, mase } = scoreOf((y) => {
      const mean = Array.from({ length: 18 }, (_, h) => y[y.length - 12 + (h % 12)]!);
      return { mean, se: mean.map(() => 1), lo80: mean, hi80: mean, lo95: mean, hi95: mean, model: 'naive' };
    });
    near(smape, 26.744385, 1e-6);
    near(mase, 0.910827, 1e-5);
  });

  it('scores draws as it scores their normal forecast', () => {
    let state = 3;
    const uniform = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const mean = [10, 20];
    const se = [2, 3];
    const actual = [11, 26];
    const bound = (z: number): number[] => mean.map((m, h) => m + z * se[h]!);
    const forecast = {
      mean,
      se,
      lo80: bound(-1.2816),
      hi80: bound(1.2816),
      lo95: bound(-1.96),
      hi95: bound(1.96),
      model: 'normal',
    };
    const draws = Array.from({ length: 20_000 }, () => mean.map((m, h) => m + se[h]! * normal()));
    const options = { insample: [1, 2, 4, 8], period: 1 };
    const one = forecastScores(actual, forecast, options);
    const other = forecastScores(actual, { draws }, options);
    near(other.crps, one.crps, 0.03);
    near(other.wape, one.wape, 0.03);
    expect(one.coverage80).to.equal(0.5);
    expect(other.coverage80).to.equal(0.5);
    expect(other.coverage95).to.equal(one.coverage95);
    expect(one.mase).to.be.closeTo(3.5 / (7 / 3), 1e-9);
    refuses(() => forecastScores([1], forecast, options), 'BAD_SHAPE');
    refuses(() => forecastScores(actual, forecast, { insample: [1], period: 1 }), 'TOO_FEW');
  });
});

describe('forecastEnsemble', function () {
  this.timeout(180_000);
  it('stays at or below theta on the 200 M3 series', function () {
    this.timeout(180_000);
    const ensemble = scoreOf((y) => forecastEnsemble(y, YEAR));
    const alone = scoreOf((y) => theta(y, YEAR));
    expect(ensemble.smape).to.be.at.most(alone.smape);
    expect(alone.smape).to.be.below(21);
    expect(ensemble.mase).to.be.below(0.9108);
  });

  it('drops members that cannot be fitted and never goes below 0 for counts', () => {
    const counts = Array.from({ length: 48 }, (_, t) => t % 5);
    const { mean, lo95, model } = forecastEnsemble(counts, { period: 12, horizon: 6 });
    expect(model).to.equal('ensemble');
    for (const value of [...mean, ...lo95]) expect(value).to.be.at.least(0);
    expect(
      forecastEnsemble(
        counts.map(() => 3),
        { period: 12, horizon: 2 },
      ).mean[0],
    ).to.be.closeTo(3, 1e-6);
  });

  it('holds its estimate between ordered bounds', () => {
    const some = series.filter((_, i) => i % 10 === 0);
    for (const { y } of some) {
      const f = conformalIntervals(y, (z, horizon) => forecastEnsemble(z, { period: 12, horizon }), 6);
      f.mean.forEach((value, h) => {
        expect(f.lo95[h]).to.be.at.most(f.lo80[h]!);
        expect(f.lo80[h]).to.be.at.most(value);
        expect(f.hi80[h]).to.be.at.least(value);
        expect(f.hi95[h]).to.be.at.least(f.hi80[h]!);
      });
    }
  });
});

describe('conformalIntervals', function () {
  this.timeout(180_000);
  it('holds 77–86 and 92–97 of 100 values of the M3 series', function () {
    this.timeout(180_000);
    const { coverage80, coverage95 } = scoreOf((y) =>
      conformalIntervals(y, (z, horizon) => forecastEnsemble(z, { period: 12, horizon }), 18),
    );
    expect(coverage80).to.be.within(0.77, 0.86);
    expect(coverage95).to.be.within(0.92, 0.97);
  });

  it('widens bounds that were too narrow in the past, never below the normal ones', () => {
    const boastful = (y: readonly number[], horizon: number): Forecast => {
      const mean = new Array<number>(horizon).fill(y.at(-1)!);
      const one = mean.map(() => 0.01);
      return { mean, se: one, lo80: mean, hi80: mean, lo95: mean, hi95: mean, model: 'boast' };
    };
    const walk = Array.from({ length: 60 }, (_, t) => 100 + ((t * 7919) % 13));
    const { hi80, mean } = conformalIntervals(walk, boastful, 3);
    expect(hi80[0]! - mean[0]!).to.be.above(1);
    const calm = conformalIntervals(
      walk.map(() => 5),
      boastful,
      3,
    );
    expect(calm.hi95[0]).to.be.closeTo(5 + 1.959964 * 0.01, 1e-6);
  });
});

describe('pooledIntervals', () => {
  const flat = (se: number) => (y: readonly number[], horizon: number) => {
    if (y.length < 4) throw new StatisticsError('TOO_FEW', 'four');
    const steps = new Array<number>(horizon).fill(50);
    return {
      mean: steps,
      se: steps.map(() => se),
      lo80: steps,
      hi80: steps,
      lo95: steps,
      hi95: steps,
      model: 'flat',
    };
  };

  it('are as wide as the mean square of past errors, with the tails of Student’s t', () => {
    // origins 4, 5 and 6 of seven values: errors of 10, 20 and 30, each of 10 standard errors' worth
    const { mean, lo80, hi80, lo95, hi95 } = pooledIntervals([50, 50, 50, 50, 60, 30, 80], flat(10), 1);
    // five degrees of freedom: two of the forecast's own
    const scale = Math.sqrt((2 * 1.5 + 1 + 4 + 9) / 5);
    expect(mean).to.eql([50]);
    expect(hi80[0]).to.be.closeTo(50 + 1.475884 * scale * 10, 1e-4);
    expect(lo80[0]).to.be.closeTo(50 - 1.475884 * scale * 10, 1e-4);
    expect(hi95[0]).to.be.closeTo(50 + 2.570582 * scale * 10, 1e-4);
    // counts and money are never negative
    expect(lo95[0]).to.be.closeTo(Math.max(0, 50 - 2.570582 * scale * 10), 1e-4);
    expect(pooledIntervals([50, 50, 50, 50, 60, 30, 80], flat(90), 1).lo95[0]).to.equal(0);
  });

  it('are the forecast’s own, a little wider, without a past', () => {
    const { hi80 } = pooledIntervals([50, 50, 50, 50], flat(1), 1);
    expect(hi80[0]).to.be.closeTo(50 + 1.885618 * Math.sqrt(1.5), 1e-4);
  });
});
