import { expect } from 'chai';
import { stlTrend, tukeyOutliers, twoProportionTest } from '../../src/statistics/index.js';
import { useDatabase } from '../schema/support.js';
import { near } from './arbitraries.js';
import { rowsOf } from './data.js';

/** The engine has some of the functions, too: both must say what is published. */
describe('statistics of the database', function () {
  this.timeout(120_000);
  const db = useDatabase();
  const ask = async <T>(sql: string): Promise<T> => {
    const [row] = await db.as('reader').rows<{ answer: T }>(`SELECT ${sql} AS answer`);
    return row!.answer;
  };

  it('seriesDecomposeSTL equals R9 to 2e-6 of the largest value, and so does stlTrend', async () => {
    const y = rowsOf('airpassengers.csv').map((row) => Number(Object.values(row).at(-1)));
    expect(y.length).to.equal(144);
    const [seasonal, trend] = await ask<number[][]>(`seriesDecomposeSTL([${y.join(', ')}], 12)`);
    const tolerance = 2e-6 * Math.max(...y);
    const own = stlTrend(y, 12);
    const published: [number, number, number][] = [
      [1, -17.8962971726, 123.2952461116],
      [72, -29.8456339154, 258.4764826758],
      [144, -42.618734475, 496.9337585817],
    ];
    for (const [t, season, level] of published) {
      expect(seasonal![t - 1]).to.be.closeTo(season, tolerance);
      expect(trend![t - 1]).to.be.closeTo(level, tolerance);
    }
    y.forEach((_, i) => expect(trend![i]).to.be.closeTo(own.trend[i]!, tolerance));
  });

  it('seriesOutliersDetectTukey equals R11 and tukeyOutliers', async () => {
    const y = [-3, 2, 15, 3, 5, 6, 4, 5, 12, 45, 12, 3, 3, 4, 3, 3, 4, 5, 6];
    const answer = await ask<number[]>(`seriesOutliersDetectTukey([${y.join(', ')}])`);
    expect(answer).to.eql([-1.5, 0, 4.5, 0, 0, 0, 0, 0, 1.5, 34.5, 1.5, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(answer).to.eql(tukeyOutliers(y));
  });

  it('proportionsZTest equals R13 and twoProportionTest', async () => {
    const answer = await ask<Record<string, number>>(
      "proportionsZTest(17489, 17264, 145274, 145310, 0.95, 'pooled')",
    );
    // a tuple with names: statistic, p, bounds
    const [z, p, lo, hi] = Object.values(answer);
    const own = twoProportionTest({ successes: 17489, trials: 145274 }, { successes: 17264, trials: 145310 });
    expect(z).to.be.closeTo(1.3109241984, 1e-9);
    expect(p).to.be.closeTo(0.1898833745, 1e-9);
    expect(z).to.be.closeTo(own.zPooled, 1e-9);
    near(lo!, -0.00078138227);
    near(hi!, 0.00393786025);
    near(lo!, own.difference.lo);
    near(hi!, own.difference.hi);
  });
});
