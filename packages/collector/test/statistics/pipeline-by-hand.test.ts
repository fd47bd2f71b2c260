import { expect } from 'chai';
import { orderChances, pipelineForecast } from '../../src/statistics/index.js';

/**
 * Eight leads of one tier at risk in their first week, two of which order; chapter 4 § 3 of the design, by hand.
 *
 * K(a, 0) = exp(−½(a/4)²): K(0) = 1, K(1) = exp(−1/32) = .969233234, K(4) = exp(−½) = .606530660
 * h₀(a) = (2·K + .02) / (8·K + 2):
 *   h₀(0) = 2.02 / 10 = .202
 *   h₀(1) = 1.958466469 / 9.753865875 = .200788743
 *   h₀(4) = 1.233061319 / 6.852245278 = .179949968
 * g ~ Gamma(2 + 2, 8·.202 + 2) = Gamma(4, 3.616)
 * two weeks of a new lead: Σh₀ = .402788743, P = 1 − (3.616 / (3.616 + .402788743))⁴ = 1 − .899773596⁴ = .344559944
 * the fifth week of an older one: Σh₀ = .179949968, P = 1 − (3.616 / 3.795949968)⁴ = .176560
 */
const hazard = [{ tier: 'warm', week: 0, atRisk: 8, orders: 2 }];
const NEW_TWO_WEEKS = 0.344559944181;

describe('the pipeline by hand', function () {
  this.timeout(60_000);

  it('kernel, h₀ and the gamma formula give P(order)', () => {
    const [fresh] = orderChances([{ ageWeeks: 0, tier: 'warm' }], hazard, 2);
    expect(fresh!.value).to.be.closeTo(NEW_TWO_WEEKS, 1e-11);
    const [old] = orderChances([{ ageWeeks: 4, tier: 'warm' }], hazard, 1);
    expect(old!.value).to.be.closeTo(1 - (3.616 / (3.616 + 0.179949968142)) ** 4, 1e-11);
    // straight within a week: from 4.5 on, half of the fifth week and half of the sixth
    const [between] = orderChances([{ ageWeeks: 4.5, tier: 'warm' }], hazard, 1);
    const k5 = Math.exp(-25 / 32);
    const h5 = (2 * k5 + 0.02) / (8 * k5 + 2);
    expect(between!.value).to.be.closeTo(1 - (3.616 / (3.616 + (0.179949968142 + h5) / 2)) ** 4, 1e-11);
    // a tier of which nothing is known: g ~ Gamma(2, 2)
    const [unknown] = orderChances([{ ageWeeks: 0, tier: 'cold' }], hazard, 2);
    expect(unknown!.value).to.be.closeTo(1 - (2 / 2.402788743037) ** 2, 1e-11);
  });

  it('bounds are those of the gamma multiplier: quantiles of Gamma(4, 3.616) by Poisson sums', () => {
    const { lo, hi } = orderChances([{ ageWeeks: 0, tier: 'warm' }], hazard, 2)[0]!;
    // P(Gamma(4) ≤ x) = 1 − e^−x (1 + x + x²/2 + x³/6)
    const cdf = (x: number): number => 1 - Math.exp(-x) * (1 + x + x ** 2 / 2 + x ** 3 / 6);
    const multiplierOf = (chance: number): number => -Math.log(1 - chance) / 0.402788743037;
    expect(cdf(multiplierOf(lo) * 3.616)).to.be.closeTo(0.025, 1e-9);
    expect(cdf(multiplierOf(hi) * 3.616)).to.be.closeTo(0.975, 1e-9);
  });

  it('a hundred leads of 1,000 are worth Σ P · price, with the doubt about the tier that they share', () => {
    const { mean, quantiles } = pipelineForecast({
      leads: Array.from({ length: 100 }, () => ({ ageWeeks: 0, tier: 'warm', price: 1000 })),
      hazard,
      inquiriesPerWeek: [],
      // so many alike that no doubt about the value is left: a scale of √(4·.3² / 20,003) = .0042
      orderValues: new Array<number>(20_000).fill(1000),
      horizonWeeks: 2,
      draws: 20_000,
      seed: 7,
    });
    // sd of the share: P(g) of a Gamma(4, 3.616) varies by .14, so the mean of 20,000 draws by .001
    expect(mean / (100_000 * NEW_TWO_WEEKS)).to.be.within(0.991, 1.009);
    // Binomial(100, P(g)): at least as wide as P of the multiplier's own quantiles .05 and .95
    const cdf = (x: number): number => 1 - Math.exp(-x) * (1 + x + x ** 2 / 2 + x ** 3 / 6);
    const shareAt = (level: number): number => {
      let x = 0;
      while (cdf(x) < level) x += 1e-4;
      return -Math.expm1((-x / 3.616) * 0.402788743037);
    };
    expect(quantiles[1]).to.be.below(100_000 * shareAt(0.05));
    expect(quantiles[7]).to.be.above(100_000 * shareAt(0.95));
    expect(quantiles[1]).to.be.above(60_000 * shareAt(0.05));
    expect(quantiles[7]).to.be.below(120_000 * shareAt(0.95));
  });
});
