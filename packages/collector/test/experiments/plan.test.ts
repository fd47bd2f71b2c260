import { expect } from 'chai';
import { planExperiment, type Baseline } from '../../src/experiments/index.js';

/** The site of design chapter 4: 100 visitors a day. */
const baseline = (metric: string, rate: number): Baseline => ({
  metric,
  visitors: 2800,
  converted: 2800 * rate,
  days: 28,
});
const o = { arms: 2, effect: 0.3, share: 1 };

describe('planExperiment', () => {
  it('says that orders need 2,670 days and names the deepest step that can be decided in time', () => {
    const plan = planExperiment(
      [
        baseline('order', 0.0015),
        baseline('inquiry', 0.02),
        baseline('config:save', 0.12),
        baseline('price_view', 0.3),
      ],
      o,
    );
    expect(plan.perArm).to.equal(133_490);
    expect(plan.days).to.be.within(2669, 2670);
    expect(plan.verdict).to.equal('too_long');
    // inquiry would take 196 days, so the step before it
    expect(plan.proxy).to.include({ metric: 'config:save' });
    expect(plan.advice).to.match(/^on order this needs 2,6(69|70) days: choose a proxy; config:save/);
  });

  it('is content with a metric that can be decided', () => {
    const plan = planExperiment([baseline('config:save', 0.12)], { ...o, effect: 0.15 });
    expect(plan).to.include({ verdict: 'ok', proxy: null });
    expect(plan.days).to.be.within(108, 110);
  });

  it('needs twice the days for half the traffic, and half more for a third arm', () => {
    const days = (over: Partial<typeof o>): number =>
      planExperiment([baseline('price_view', 0.3)], { ...o, ...over }).days!;
    const all = days({});
    expect(days({ share: 0.5 })).to.be.within(2 * all - 2, 2 * all);
    expect(days({ arms: 3 })).to.be.within(1.5 * all - 2, 1.5 * all + 1);
  });

  it('does not guess for what was never seen', () => {
    const plan = planExperiment([baseline('order', 0), baseline('price_view', 0.3)], o);
    expect(plan).to.include({ perArm: null, days: null, verdict: 'no_baseline' });
    expect(plan.advice).to.contain('price_view can be decided in');
  });
});
