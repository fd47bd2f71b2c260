import { expect } from 'chai';
import fc from 'fast-check';
import {
  associationLift,
  associationRules,
  markovAttribution,
  ruleAttribution,
  ruleCredits,
  shapleyAttribution,
} from '../../src/statistics/index.js';
import { near, refuses } from './arbitraries.js';
import { linesOf } from './data.js';

describe('associationRules', function () {
  this.timeout(180_000);
  const baskets = linesOf('arules_groceries.csv').map((line) => line.split(','));

  it('equals R25: the groceries', () => {
    expect(baskets.length).to.equal(9835);
    const rules = associationRules(baskets, { minSupport: 0.001, minConfidence: 0.8 });
    expect(rules.length).to.equal(410);
    const rule = rules.find(
      ({ from, to }) => from.join() === 'liquor,red/blush wine' && to === 'bottled beer',
    )!;
    expect(rule.n).to.equal(19);
    near(rule.support, 0.001931876);
    near(rule.confidence, 0.9047619);
    near(rule.lift, 11.2352694);
  });

  it('equals a plain count over all sets of a few items', () => {
    const item = fc.constantFrom('a', 'b', 'c', 'd');
    fc.assert(
      fc.property(
        fc.array(fc.array(item, { maxLength: 5 }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        (some, minConfidence) => {
          const has = (basket: string[], items: string[]): boolean => items.every((i) => basket.includes(i));
          const count = (items: string[]): number => some.filter((basket) => has(basket, items)).length;
          const subsets = (items: string[]): string[][] =>
            items.reduce<string[][]>((sets, i) => [...sets, ...sets.map((set) => [...set, i])], [[]]);
          const expected = subsets(['a', 'b', 'c', 'd'])
            .filter((set) => set.length >= 2 && count(set) > 0 && count(set) / some.length >= 0.1)
            .flatMap((set) => set.map((to) => ({ to, from: set.filter((i) => i !== to), n: count(set) })))
            .filter(({ from, n }) => n / count(from) >= minConfidence)
            .map(({ from, to, n }) => `${from.join('+')}>${to}:${n}`);
          const rules = associationRules(some, { minSupport: 0.1, minConfidence });
          expect(rules.map(({ from, to, n }) => `${from.join('+')}>${to}:${n}`).sort()).to.eql(
            expected.sort(),
          );
        },
      ),
      { numRuns: 60 },
    );
    refuses(() => associationRules([['a']], { minSupport: 0, minConfidence: 1 }), 'BAD_RANGE');
    refuses(() => associationRules([], { minSupport: 0.1, minConfidence: 1 }), 'TOO_FEW');
  });

  it('gives R25: the lift of beef and root vegetables, with its interval', () => {
    const count = (...items: string[]): number =>
      baskets.filter((basket) => items.every((item) => basket.includes(item))).length;
    const lift = associationLift({
      n: count('beef', 'root vegetables'),
      nX: count('beef'),
      nY: count('root vegetables'),
      baskets: baskets.length,
    });
    near(lift.raw, 3.0403668);
    expect(lift.lo).to.be.below(lift.value);
    expect(lift.hi).to.be.above(lift.value);
  });
});

describe('associationLift', function () {
  this.timeout(180_000);
  it('has the quantiles of Gamma(n + ½, E + ½) and lies between its raw value and 1', () => {
    const lift = associationLift({ n: 24, nX: 101, nY: 80, baskets: 1000 });
    near(lift.lo, 1.83886459573, 1e-9);
    near(lift.hi, 4.0922152428, 1e-9);
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(50), fc.nat(500), (n, x, y, rest) => {
        fc.pre(n + x > 0 && n + y > 0);
        const { value, raw } = associationLift({ n, nX: n + x, nY: n + y, baskets: n + x + y + rest });
        expect(value).to.be.within(Math.min(raw, 1) - 1e-12, Math.max(raw, 1) + 1e-12);
      }),
    );
    refuses(() => associationLift({ n: 5, nX: 4, nY: 9, baskets: 20 }), 'BAD_COUNTS');
  });
});

const aPath = fc.record({
  path: fc.array(fc.constantFrom('search', 'social', 'direct', 'mail'), { minLength: 1, maxLength: 6 }),
  conversions: fc.nat(9),
  nulls: fc.nat(50),
  value: fc.nat(1000),
});
const total = (credit: Record<string, number>): number =>
  Object.values(credit).reduce((sum, one) => sum + one, 0);

describe('markovAttribution', function () {
  this.timeout(180_000);
  it('equals R20', () => {
    const { removal, conversions, baseRate } = markovAttribution([
      { path: ['C1', 'C2', 'C3'], conversions: 1, nulls: 0 },
      { path: ['C1'], conversions: 0, nulls: 1 },
      { path: ['C2', 'C3'], conversions: 0, nulls: 1 },
    ]);
    expect(baseRate).to.be.closeTo(1 / 3, 1e-12);
    for (const [channel, effect, credit] of [
      ['C1', 0.5, 0.2],
      ['C2', 1, 0.4],
      ['C3', 1, 0.4],
    ] as const) {
      expect(removal[channel]).to.be.closeTo(effect, 1e-9);
      expect(conversions[channel]).to.be.closeTo(credit, 1e-9);
    }
    const converting = ['ABABBA', 'ABBAA', 'AA'].map((path) => ({
      path: [...path],
      conversions: 1,
      nulls: 0,
    }));
    const two = markovAttribution(converting).conversions;
    expect(two.A).to.be.closeTo(2, 1e-9);
    expect(two.B).to.be.closeTo(1, 1e-9);
  });

  it('shares out exactly what came in', () => {
    fc.assert(
      fc.property(fc.array(aPath, { minLength: 1, maxLength: 30 }), (paths) => {
        const won = paths.reduce((sum, path) => sum + path.conversions, 0);
        const worth = paths.reduce((sum, path) => sum + path.value, 0);
        const markov = markovAttribution(paths);
        const shapley = shapleyAttribution(paths);
        expect(total(shapley.conversions)).to.be.closeTo(won, 1e-6);
        expect(total(shapley.value)).to.be.closeTo(worth, 1e-6);
        if (won > 0) {
          expect(total(markov.conversions)).to.be.closeTo(won, 1e-6);
          expect(total(markov.value)).to.be.closeTo(worth, 1e-6);
        }
        for (const effect of Object.values(markov.removal)) expect(effect).to.be.within(0, 1);
      }),
    );
    refuses(() => markovAttribution([{ path: [], conversions: 1, nulls: 0 }]), 'BAD_SHAPE');
    refuses(() => shapleyAttribution([{ path: ['a'], conversions: -1, nulls: 0 }]), 'BAD_COUNTS');
  });
});

describe('the effect of removing a channel', function () {
  this.timeout(180_000);
  /** P(conversion) of the chain of the paths when `removed` swallows whoever reaches it, walked until next to nobody is left. */
  const rateWithout = (
    paths: readonly { path: string[]; conversions: number; nulls: number }[],
    removed = '',
  ) => {
    const all = paths.reduce((sum, { conversions, nulls }) => sum + conversions + nulls, 0);
    const moves = new Map<string, Map<string, number>>();
    for (const { path, conversions, nulls } of paths) {
      const weight = conversions + nulls;
      [...path, ''].forEach((to, at) => {
        if (at === path.length) {
          const own = moves.get(path[at - 1]!)!;
          own.set('(won)', (own.get('(won)') ?? 0) + conversions);
          own.set('(lost)', (own.get('(lost)') ?? 0) + nulls);
          return;
        }
        const from = at === 0 ? '(start)' : path[at - 1]!;
        for (const state of [from, to]) if (!moves.has(state)) moves.set(state, new Map());
        moves.get(from)!.set(to, (moves.get(from)!.get(to) ?? 0) + weight);
      });
    }
    let here = new Map([['(start)', 1]]);
    let won = 0;
    for (let step = 0; all > 0 && step < 3000; step++) {
      const next = new Map<string, number>();
      for (const [state, share] of here) {
        const own = moves.get(state)!;
        const leaving = [...own.values()].reduce((sum, n) => sum + n, 0);
        for (const [to, n] of own) {
          if (n === 0 || to === removed || to === '(lost)') continue;
          if (to === '(won)') won += (share * n) / leaving;
          else next.set(to, (next.get(to) ?? 0) + (share * n) / leaving);
        }
      }
      here = next;
    }
    return won;
  };

  it('is what a chain without it loses', () => {
    fc.assert(
      fc.property(fc.array(aPath, { minLength: 1, maxLength: 12 }), (paths) => {
        const { baseRate, removal } = markovAttribution(paths);
        const whole = rateWithout(paths);
        expect(baseRate).to.be.closeTo(whole, 1e-9);
        for (const [channel, effect] of Object.entries(removal))
          expect(effect).to.be.closeTo(whole > 0 ? 1 - rateWithout(paths, channel) / whole : 0, 1e-6);
      }),
      { numRuns: 60 },
    );
  });
});

describe('shapleyAttribution', function () {
  this.timeout(180_000);
  it("is Shapley's value of the game over all orders of channels", () => {
    const orders = (items: string[]): string[][] =>
      items.length < 2
        ? [items]
        : items.flatMap((one) => orders(items.filter((i) => i !== one)).map((rest) => [one, ...rest]));
    fc.assert(
      fc.property(fc.array(aPath, { minLength: 1, maxLength: 12 }), (paths) => {
        const worth = (inside: string[]): number =>
          paths
            .filter(({ path }) => path.every((c) => inside.includes(c)))
            .reduce((sum, p) => sum + p.conversions, 0);
        const channels = [...new Set(paths.flatMap(({ path }) => path))];
        const all = orders(channels);
        const { conversions } = shapleyAttribution(paths);
        for (const channel of channels) {
          const marginal = all.reduce((sum, order) => {
            const before = order.slice(0, order.indexOf(channel));
            return sum + worth([...before, channel]) - worth(before);
          }, 0);
          expect(conversions[channel]).to.be.closeTo(marginal / all.length, 1e-9);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('ruleAttribution', function () {
  this.timeout(180_000);
  const touches = [
    { channels: ['search', 'social', 'mail', 'direct'], daysBefore: [14, 7, 7, 0], value: 100 },
    { channels: ['direct'], daysBefore: [0], value: 50 },
  ];
  const of = (rule: 'last' | 'first' | 'linear' | 'decay' | 'position') =>
    ruleAttribution(touches, rule).conversions;

  it('gives the touches of a journey what each rule says', () => {
    expect(of('last')).to.include({ mail: 1, direct: 1, search: 0 });
    expect(of('first')).to.include({ search: 1, direct: 1 });
    expect(of('linear')).to.include({ search: 0.25, direct: 1.25 });
    expect(of('position').search).to.be.closeTo(0.4, 1e-12);
    expect(of('position').social).to.be.closeTo(0.1, 1e-12);
    // halved every seven days: ¼ : ½ : ½ : 1
    expect(of('decay').search).to.be.closeTo(0.25 / 2.25, 1e-12);
    expect(of('decay').direct).to.be.closeTo(1 + 1 / 2.25, 1e-12);
    expect(ruleAttribution(touches, 'last').value.mail).to.equal(100);
  });

  it('shares out exactly what came in', () => {
    const journey = fc
      .array(fc.record({ channel: fc.constantFrom('search', 'mail', 'direct'), days: fc.nat(4000) }), {
        minLength: 1,
        maxLength: 8,
      })
      .map((steps) => ({
        channels: steps.map(({ channel }) => channel),
        daysBefore: steps.map(({ days }) => days),
        value: 3,
      }));
    fc.assert(
      fc.property(
        fc.array(journey, { maxLength: 10 }),
        fc.constantFrom('last', 'first', 'linear', 'decay', 'position'),
        (some, rule) => {
          const credit = ruleAttribution(some, rule as 'last');
          expect(total(credit.conversions)).to.be.closeTo(some.length, 1e-6);
          expect(total(credit.value)).to.be.closeTo(3 * some.length, 1e-6);
        },
      ),
    );
    refuses(() => ruleAttribution([{ channels: ['a'], daysBefore: [], value: 1 }], 'last'), 'BAD_SHAPE');
  });

  it('by several rules of a resample is that of the journeys it holds', () => {
    const rules = ['last', 'first', 'linear', 'decay', 'position'] as const;
    const journey = fc.record({
      channels: fc.array(fc.constantFrom('search', 'mail', 'direct'), { minLength: 1, maxLength: 3 }),
      value: fc.nat(9),
      times: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(journey, { maxLength: 12 }), (drawn) => {
        const journeys = drawn.map(({ channels, value }) => ({
          channels,
          value,
          daysBefore: channels.map((_, i) => channels.length - i),
        }));
        const { channels, credit } = ruleCredits(journeys, rules);
        credit(drawn.map(({ times }) => times)).forEach((own, i) => {
          const all = journeys.flatMap((one, at) => Array.from({ length: drawn[at]!.times }, () => one));
          const plain = ruleAttribution(all, rules[i]!);
          channels.forEach((channel, at) => {
            expect(own.conversions[at]).to.be.closeTo(plain.conversions[channel] ?? 0, 1e-9);
            expect(own.value[at]).to.be.closeTo(plain.value[channel] ?? 0, 1e-9);
          });
        });
      }),
    );
  });
});
