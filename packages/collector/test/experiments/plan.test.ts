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

  it('needs twice the days for half the traffic, and more for a third arm, which also shares α', () => {
    const days = (over: Partial<typeof o>): number =>
      planExperiment([baseline('price_view', 0.3)], { ...o, ...over }).days!;
    const all = days({});
    expect(days({ share: 0.5 })).to.be.within(2 * all - 2, 2 * all);
    const shared = ((2.241403 + 0.841621) / (1.959964 + 0.841621)) ** 2;
    expect(days({ arms: 3 }) / (1.5 * all * shared)).to.be.within(0.95, 1.05);
  });

  it('waits for the smallest arm, and counts the days of the last outcomes', () => {
    const days = (over: object) => planExperiment([baseline('price_view', 0.3)], { ...o, ...over }).days!;
    expect(days({ smallest: 0.1 }) / days({})).to.be.within(4.5, 5.1);
    const plan = (horizonDays: number) =>
      planExperiment([baseline('config:save', 0.12)], { ...o, effect: 0.15, horizonDays });
    expect(plan(14)).to.include({ verdict: 'ok' });
    expect(plan(14).advice).to.contain('and 14 more for the last outcomes');
    expect(plan(90).verdict).to.equal('too_long');
  });

  it('asks for twice the visitors where somebody wants to watch', () => {
    const perArm = (engine: 'group-sequential' | 'confidence-sequence') =>
      planExperiment([baseline('price_view', 0.3)], { ...o, engine }).perArm!;
    expect(perArm('confidence-sequence') / perArm('group-sequential')).to.be.within(1.9, 1.95);
  });

  it('does not guess for what was never seen', () => {
    const plan = planExperiment([baseline('order', 0), baseline('price_view', 0.3)], o);
    expect(plan).to.include({ perArm: null, days: null, verdict: 'no_baseline' });
    expect(plan.advice).to.contain('price_view can be decided in');
  });

  it('says why there is no plan: never seen, seen by nearly all, or not counted before the start', () => {
    const advice = (primary: Baseline): string => planExperiment([primary], { ...o, effect: 0.3 }).advice;
    expect(advice(baseline('order', 0))).to.match(/^order was not seen in the last 28 days, so nobody/);
    expect(advice(baseline('option_select', 0.8))).to.match(
      /^80 % come to option_select already, which cannot be 30 % more/,
    );
    expect(advice({ ...baseline('click', 0), counted: false })).to.match(
      /^how many come to click is counted from the start on only/,
    );
  });
});
