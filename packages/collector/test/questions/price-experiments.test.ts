import { expect } from 'chai';
import fc from 'fast-check';
import type { Experiment } from '../../src/experiments/index.js';
import { CollectorError } from '../../src/errors.js';
import { priceExperimentsOf, type ArmRow } from '../../src/questions/price-experiments.js';
import type { Estimate } from '../../src/questions/index.js';
import { useDatabase, type TestEvent } from '../schema/support.js';
import { askScripted } from './scripted.js';
import { OPENING, RANGE } from './shop.js';
import { anExperiment } from '../admin/support/experiment.js';
import { createAsker } from './support.js';

interface Prices {
  elasticity: (Estimate & { key: string; evidence: string })[];
  optimum: (Estimate & { pGain: number }) | null;
}

const DAY = 86_400_000;
/** Three prices for 43 days and 7 for the outcomes; over yesterday. */
const over: Experiment = {
  ...anExperiment('list-price', RANGE.to - 51 * DAY),
  arms: ['a', 'b', 'c'].map((name, i) => ({ name, weight: i === 0 ? 3334 : 3333 })),
  metric: 'inquiry',
  version: 2,
  plan: {
    perArm: 50_000,
    days: 43,
    baseRate: 0.04,
    visitorsPerDay: 3500,
    verdict: 'ok',
    advice: '',
    proxy: null,
  },
  endsAt: RANGE.to - DAY,
};
const runs: Experiment = { ...over, endsAt: RANGE.to + 1 };
/** As many visitors of each arm on every day; of a hundred so many ask. */
const daysOf = (each: Record<string, number>, asking: Record<string, number> = {}) =>
  Object.entries(each).flatMap(([arm, n]) =>
    Array.from({ length: 43 }, (_, i) => ({
      metric: 'inquiry',
      arm,
      day: 8 + i,
      n,
      mixed: 0,
      k: Math.round(((asking[arm] ?? 4) * n) / 100),
      with_past: 0,
      x_sum: 0,
      x_squares: 0,
      xk: 0,
    })),
  );
const fair = { a: 1163, b: 1163, c: 1163 };

/** An arm in which the same two houses cost `factor` times as much. */
const arm = (name: string, factor: number, n: number, k: number, experiment = 'list-price'): ArmRow[] =>
  [200_000, 300_000].map((price, i) => ({
    experiment,
    version: 2,
    arm: name,
    config: String(11 * (i + 1)),
    n: Math.floor(n / 4),
    price: price * factor,
    arm_n: n,
    arm_k: k,
  }));
/** Asking with constant elasticity −2, 4 % at the present price. */
const asked = (n: number, factor: number): number => Math.round(n * 0.04 * factor ** -2);
const three = (experiment = 'list-price'): ArmRow[] => [
  ...arm('a', 1, 50_000, asked(50_000, 1), experiment),
  ...arm('b', 1.1, 50_000, asked(50_000, 1.1), experiment),
  ...arm('c', 1.2, 50_000, asked(50_000, 1.2), experiment),
];

describe('experiments with prices', function () {
  this.timeout(120_000);

  it('give a randomised elasticity, and the best price follows from it', async () => {
    const { data } = await askScripted<Prices>(
      'price-optimization',
      {
        price_arms: three(),
        price_demand: [
          // what visitors chose themselves says nothing about the price, and has a current one
          ...[180_000, 200_000, 220_000].map((price) => ({
            key: 'all',
            price_from: price,
            price,
            channel: '',
            device: '',
            returning: 0,
            n: 10_000,
            k: 400,
          })),
        ],
      },
      { parameters: { cost: 120_000 }, sources: { readExperiment: () => over } },
    );
    const found = data.elasticity.find(({ evidence }) => evidence === 'randomised')!;
    expect(found).to.include({ key: 'list-price', n: 150_000, quality: 'ok' });
    expect(found.value).to.be.closeTo(-2, 0.1);
    expect(found.lo).to.be.below(-2);
    expect(found.hi).to.be.above(-2);
    // p* = c·e / (1 + e) = 240,000; the association alone would give none
    expect(data.optimum!.value).to.be.closeTo(240_000, 20_000);
  });

  it('are silent while they run, and where nobody planned them', async () => {
    const ask = async (readExperiment: () => Experiment) =>
      (
        await askScripted<Prices>(
          'price-optimization',
          { price_arms: three() },
          { sources: { readExperiment } },
        )
      ).data.elasticity.map(({ evidence }) => evidence);
    expect(await ask(() => runs)).to.eql(['association']);
    const unknown = (): never => {
      throw new CollectorError('NOT_FOUND', 'no experiment list-price');
    };
    expect(await ask(unknown)).to.eql(['association']);
    expect(await ask(() => over)).to.eql(['association', 'randomised']);
  });

  it('follow the rules of the read-out: version, split, early stops', async () => {
    const ask = async (o: {
      arms?: ArmRow[];
      days?: object[];
      experiment?: Partial<Experiment>;
      from?: number;
    }) => {
      const {
        data,
        warnings,
        asked: views,
      } = await askScripted<Prices>(
        'price-optimization',
        { price_arms: o.arms ?? three(), experiment_days: o.days ?? daysOf(fair) },
        {
          scope: { from: o.from ?? RANGE.from },
          sources: { readExperiment: () => ({ ...over, ...o.experiment }) },
        },
      );
      return {
        told: data.elasticity.filter(({ evidence }) => evidence === 'randomised'),
        said: warnings.filter(({ text }) => text.startsWith('list-price:')).map(({ code }) => code),
        asked: views.filter(({ view }) => view === 'experiment_days').map(({ parameters }) => parameters),
      };
    };
    const plain = await ask({});
    expect(plain.told[0]!.n).to.equal(150_000);
    expect(plain.said).to.eql([]);
    expect(plain.asked).to.have.length(1);
    expect(plain.asked[0]).to.include({ experiment: 'list-price', version: 2, to: RANGE.to - DAY });

    // an older version had other prices: it is another experiment, and pages without one may have shown it
    const older = [
      ...arm('a', 1, 9000, 100).map((row) => ({ ...row, version: 1 })),
      ...arm('b', 2, 9000, 900).map((row) => ({ ...row, version: 1 })),
    ];
    const silent = arm('a', 1, 500, 20).map((row) => ({ ...row, version: 0 }));
    const both = await ask({ arms: [...older, ...three(), ...silent], from: RANGE.to - 90 * DAY });
    expect(both.told).to.eql(plain.told);
    const since = await ask({ arms: [...older, ...three(), ...silent] });
    expect(since.told[0]!.n).to.equal(150_500);

    const uneven = await ask({ days: daysOf({ ...fair, c: 900 }) });
    expect([uneven.told, uneven.said]).to.eql([[], ['SPLIT']]);
    const explained = await ask({
      days: daysOf({ ...fair, c: 900 }),
      experiment: { splitReason: 'a page of arm c was down' },
    });
    expect([explained.told.length, explained.said]).to.eql([1, ['SPLIT']]);

    const early = { ended: RANGE.to - 21 * DAY, status: 'stopped' as const };
    const stopped = await ask({ experiment: early });
    expect([stopped.told, stopped.said]).to.eql([[], ['TOO_EARLY']]);
    // a bound was crossed: question 12 says so, too
    const crossed = await ask({ experiment: early, days: daysOf(fair, { b: 2, c: 2 }) });
    expect([crossed.told.length, crossed.said]).to.eql([1, []]);
  });

  it('need three prices of the same house, and say so', async () => {
    const { data, warnings } = await askScripted<Prices>(
      'price-optimization',
      { price_arms: three().slice(0, 4) },
      { sources: { readExperiment: () => over } },
    );
    expect(data.elasticity[1]).to.include({ key: 'list-price', value: null, quality: 'insufficient' });
    expect(warnings.map(({ text }) => text)).to.include(
      'an elasticity needs three prices of the same house: list-price had 2',
    );
  });

  it('are those in which the same house cost more, not those in which dearer houses were built', () => {
    // blue makes people build the dear house, at the same prices
    const blue = [...arm('control', 1, 4000, 160, 'blue'), ...arm('blue', 1, 4000, 200, 'blue')].map(
      (row) => ({
        ...row,
        n: row.arm === 'blue' && row.config === '22' ? 3000 : row.n,
      }),
    );
    expect(priceExperimentsOf(blue)).to.eql([]);
    // one house dearer, one cheaper: no price list
    const mixed = [...arm('a', 1, 4000, 160, 'mixed'), ...arm('b', 1.1, 4000, 160, 'mixed')].map((row) =>
      row.arm === 'b' && row.config === '22' ? { ...row, price: 250_000 } : row,
    );
    expect(priceExperimentsOf(mixed)).to.eql([]);
    // no house in common: nothing can be said
    const apart = [...arm('a', 1, 4000, 160, 'apart'), ...arm('b', 1.1, 4000, 160, 'apart')].map((row) =>
      row.arm === 'b' ? { ...row, config: `${row.config}0` } : row,
    );
    expect(priceExperimentsOf(apart)).to.eql([]);
  });

  it('find a built-in elasticity, whichever arm is the first', () => {
    fc.assert(
      fc.property(fc.double({ min: -3.5, max: -0.3, noNaN: true }), fc.boolean(), (elasticity, turned) => {
        const rows = [1, 1.1, 1.25].flatMap((factor, i) =>
          arm(String(turned ? 9 - i : i), factor, 400_000, Math.round(400_000 * 0.02 * factor ** elasticity)),
        );
        const [{ fit, levels }] = priceExperimentsOf(rows) as [ReturnType<typeof priceExperimentsOf>[number]];
        expect(levels).to.equal(3);
        expect(fit!.slope).to.be.closeTo(elasticity, 0.15);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the arms of experiments with prices, on the real engine', function () {
  this.timeout(120_000);
  const db = useDatabase();

  /**
   * Visitors 1…4 saw arm a, 5…8 arm b, 9 both. All then build house 11, which costs 200,000 in a and 220,000 in b; before
   * the exposure each had seen it for 1. Visitors 1, 2 and 5 ask; 4 asked before the exposure only. 8 builds nothing.
   */
  const events = (): TestEvent[] =>
    Array.from({ length: 9 }, (_, i) => i + 1).flatMap((visitor) => {
      const variant = visitor <= 4 || visitor === 9 ? 'a' : 'b';
      const at = (seconds: number): number => OPENING + visitor * 60_000 + seconds * 1000;
      const add = (seconds: number, type: string, more: Record<string, unknown>): TestEvent => ({
        ts: at(seconds),
        seq: seconds,
        type,
        visitor,
        session: visitor,
        ...more,
      });
      const config = (seconds: number, euro: number) =>
        add(seconds, 'config', {
          kind: 'change',
          config_hash: '11',
          parts: { a: 'b' },
          price_cents: euro * 100,
        });
      return [
        config(0, 1),
        ...(visitor === 4 ? [add(1, 'inquiry', {})] : []),
        add(2, 'exposure', { experiment: 'list-price', variant, props: { version: '2' } }),
        ...(visitor === 9 ? [add(3, 'exposure', { experiment: 'list-price', variant: 'b' })] : []),
        ...(visitor === 8 ? [] : [config(4, variant === 'a' ? 200_000 : 220_000)]),
        ...([1, 2, 5].includes(visitor) ? [add(5, 'inquiry', {})] : []),
      ];
    });
  before(() => db.store(events()));

  it('hold who saw one arm only, what his house cost there, and who asked afterwards', async () => {
    const rows = await db.views.rows<ArmRow>('price_arms', {
      site: 1,
      from: RANGE.from,
      to: RANGE.to,
      device: ['*'],
      channel: ['*'],
      country: ['*'],
      model: ['*'],
      segment: '*',
    });
    const row = { experiment: 'list-price', version: 2, arm_n: 4 };
    expect(rows).to.eql([
      { ...row, arm: 'a', config: '11', n: 4, price: 200_000, arm_k: 2 },
      { ...row, arm: 'b', config: '11', n: 3, price: 220_000, arm_k: 1 },
      { ...row, arm: 'b', config: '0', n: 1, price: 0, arm_k: 1 },
    ]);
    const { elasticity } = await createAsker(db as never, { readExperiment: () => over })<Prices>(
      'price-optimization',
    );
    expect(elasticity.map(({ key, evidence, n, quality }) => [key, evidence, n, quality])).to.deep.include([
      'list-price',
      'randomised',
      8,
      'insufficient',
    ]);
  });
});
