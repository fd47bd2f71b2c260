import { expect } from 'chai';
import { peekDaily } from '../../../../benchmarks/simulations/ab-peeking.js';
import { estimateElasticities } from '../../../../benchmarks/simulations/elasticities.js';
import { estimateOptionRates } from '../../../../benchmarks/simulations/option-rates.js';
import { forecastPipelines } from '../../../../benchmarks/simulations/pipeline.js';

// the full length is in benchmarks/results/simulations.md; here the same code runs shorter, with limits that leave
// room for chance of the fixed seed only
describe('simulations', function () {
  this.timeout(120_000);

  it('raise false alarms in at most 5 of 100 watched experiments, with every engine offered as safe', () => {
    for (const rate of [0.02, 0.1]) {
      const runs = 1000;
      const verdicts = peekDaily([rate, rate], { runs, days: 60, perDay: 50, seed: 4 });
      // two standard deviations of what chance does to 5 %
      const most = 0.05 + 2 * Math.sqrt((0.05 * 0.95) / runs);
      for (const [name, { safe, alarms }] of Object.entries(verdicts)) {
        if (safe) expect(alarms, `${name} at ${rate}`).to.be.at.most(most);
      }
      // the mistakes they avoid
      expect(verdicts['z every day']!.alarms).to.be.above(0.25);
      expect(verdicts['P(best) > 95 %, daily, flat prior']!.alarms).to.be.above(0.4);
    }
  });

  it('find a real difference nearly as often with five looks as with one', () => {
    const verdicts = peekDaily([0.02, 0.03], { runs: 1000, days: 60, perDay: 50, seed: 5 });
    const looks = verdicts['group-sequential']!;
    expect(verdicts['z at the end']!.alarms - looks.alarms).to.be.below(0.02);
    expect(looks.days).to.be.below(60);
  });

  it('hold at least 92 of 100 true rates in the empirical-Bayes interval, where Wald holds 69', () => {
    const { coverage, error } = estimateOptionRates({ repeats: 150, seed: 6 });
    expect(coverage.empiricalBayes).to.be.at.least(0.92);
    expect(coverage.wald).to.be.below(0.75);
    expect(error.empiricalBayes).to.be.below(error.raw);
    expect(error.raw).to.be.below(error.pooled);
  });

  it('forecast few orders better from the pipeline than from their past', () => {
    const { pipeline, 'exponential smoothing': smoothed } = forecastPipelines({ shops: 20, seed: 8 });
    expect(pipeline!.crps / smoothed!.crps).to.be.below(0.95);
    expect(pipeline!.coverage80).to.be.within(0.77, 0.87);
    expect(pipeline!.coverage95).to.be.within(0.92, 0.98);
  });

  it('halve the error of slopes from few weeks, and are no worse than one slope for all, however options differ', () => {
    for (const spread of [0, 0.4, 1, 2]) {
      const { own, pooled, shrunk, coverage } = estimateElasticities({ spread, repeats: 400, seed: 9 });
      expect(shrunk / own, `own, ${spread}`).to.be.at.most(spread <= 0.4 ? 0.5 : 1);
      expect(shrunk / pooled, `pooled, ${spread}`).to.be.at.most(1.05);
      expect(coverage, `intervals, ${spread}`).to.be.at.least(0.89);
    }
  });
});
