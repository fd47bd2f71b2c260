import { expect } from 'chai';
import { partWorthsOf } from '../../src/questions/part-worths.js';
import type { Estimate } from '../../src/questions/index.js';
import { randomFrom } from '../../src/statistics/index.js';
import { useDatabase, type TestEvent } from '../schema/support.js';
import { askScripted, checkEstimates } from './scripted.js';
import { OPENING } from './shop.js';
import { createAsker } from './support.js';

const WEEK = '2026-11-09';

interface PartWorths {
  options: {
    group: string;
    option: string;
    n: number;
    against: string;
    surcharge: number | null;
    appeal: Estimate;
    willingness: Estimate | null;
  }[];
  bestDefaults: { group: string; option: string; share: Estimate; pBest: number | null }[];
  sensitivity: Estimate;
}

/** A model whose houses cost `base`, with wood on the facade `surcharge` more. */
const house = (model: string, surcharge: number, counts: { plain: number; wood: number }) => {
  const base = 200_000;
  const rows = [
    { option: 'plain', n: counts.plain, price: base },
    { option: 'wood', n: counts.wood, price: base + surcharge },
  ];
  return {
    choices: rows.map(({ option, n }) => ({ week: WEEK, model, group: 'facade', option, n })),
    prices: rows.map(({ option, n, price }) => ({
      week: WEEK,
      model,
      parts: { facade: option },
      price,
      n: Math.max(1, n),
    })),
  };
};
const together = (houses: readonly ReturnType<typeof house>[]) => ({
  choices: houses.flatMap(({ choices }) => choices),
  prices: houses.flatMap(({ prices }) => prices),
});
const ask = async ({ choices, prices }: ReturnType<typeof together>) => {
  const held = new Map<string, { config: string; model: string; parts: string }>();
  const configOf = (parts: Record<string, string>): string => {
    const text = JSON.stringify(parts);
    const one = held.get(text) ?? { config: String(held.size), model: '', parts: text };
    held.set(text, one);
    return one.config;
  };
  const ends = [
    ...choices.map(({ week, model, group, option, n }) => ({
      ...{ week, model, config: configOf({ [group]: option }), chosen: n, n: 0, price: null },
    })),
    ...prices.map(({ week, model, parts, n, price }) => ({
      ...{ week, model, config: configOf(parts), chosen: 0, n, price },
    })),
  ];
  const { data, warnings } = await askScripted<{ partWorths: PartWorths }>('price-optimization', {
    configuration_ends: ends,
    configurations: [...held.values()],
  });
  return { ...data.partWorths, warnings };
};
const of = ({ options }: PartWorths, option: string) => options.find((one) => one.option === option)!;

describe('part-worths', function () {
  this.timeout(120_000);

  it('are what one counts by hand: odds that halve with every 10,000', async () => {
    // wood : plain = 4 : 1, 2 : 1, 1 : 1 at 10, 20, 30 thousand, so ln odds = ln 2 · (3 − surcharge / 10,000):
    // worth 3 ln 2, sensitivity ln 2 in 10,000, willingness to pay 3 · 10,000
    const worths = await ask(
      together([
        house('small', 10_000, { plain: 1000, wood: 4000 }),
        house('middle', 20_000, { plain: 1000, wood: 2000 }),
        house('large', 30_000, { plain: 1000, wood: 1000 }),
      ]),
    );
    const wood = of(worths, 'wood');
    // seven thousand chose wood and three plain: plain is the one it is held against only if it leads
    expect([wood.n, wood.against]).to.eql([7000, 'wood']);
    const plain = of(worths, 'plain');
    expect(wood.willingness).to.equal(null);
    expect(plain.willingness!.value).to.be.closeTo(-30_000, 30);
    expect(plain.willingness!.lo).to.be.within(-33_000, -30_000);
    expect(plain.willingness!.hi).to.be.within(-30_000, -27_000);
    expect(worths.sensitivity.value).to.be.closeTo(Math.log(2) / 10, 1e-4);
    // 5,000 visitors saw 10, 3,000 saw 20, 2,000 saw 30 thousand: 17,000 on average
    expect(plain.surcharge).to.be.closeTo(-17_000, 1);
    const gap = Math.log(2) * (3 - 1.7);
    expect(wood.appeal.value).to.be.closeTo(gap / 2, 1e-3);
    expect(plain.appeal.value).to.be.closeTo(-gap / 2, 1e-3);
    const [best] = worths.bestDefaults;
    expect(best).to.include({ group: 'facade', option: 'wood', pBest: 1 });
    expect(best!.share.value).to.be.closeTo(Math.exp(gap) / (1 + Math.exp(gap)), 1e-3);
    expect(worths.warnings.some(({ text }) => text.startsWith('willingness'))).to.equal(false);
  });

  it('are not worth money below three surcharges, but still say which default is kept', async () => {
    const worths = await ask(
      together([
        house('small', 10_000, { plain: 500, wood: 2000 }),
        house('large', 20_000, { plain: 500, wood: 1000 }),
      ]),
    );
    expect(of(worths, 'plain').willingness).to.include({ value: null, quality: 'insufficient' });
    expect(worths.sensitivity.quality).to.equal('insufficient');
    expect(worths.bestDefaults[0]).to.include({ option: 'wood' });
    expect(
      worths.warnings.find(({ code, text }) => code === 'TOO_FEW' && /surcharges/.test(text))!.text,
    ).to.equal(
      'willingness to pay needs an option at 3 surcharges (by model, after a change of prices, in an experiment), 2 were seen',
    );
  });

  it('say how many visitors would be needed, or that dearer is not chosen less', async () => {
    const few = await ask(
      together([
        house('small', 10_000, { plain: 10, wood: 13 }),
        house('middle', 20_000, { plain: 10, wood: 11 }),
        house('large', 30_000, { plain: 11, wood: 10 }),
      ]),
    );
    expect(of(few, 'plain').willingness!.quality).to.equal('insufficient');
    const text = few.warnings.find(({ text: one }) => one.startsWith('willingness'))!.text;
    const [, needed] = /would need about (\d+) visitors who chose, 65 did/.exec(text)!;
    expect(Number(needed)).to.be.above(65);
    const dear = await ask(
      together([
        house('small', 10_000, { plain: 100, wood: 100 }),
        house('middle', 20_000, { plain: 100, wood: 200 }),
        house('large', 30_000, { plain: 100, wood: 400 }),
      ]),
    );
    expect(dear.warnings.map(({ code }) => code)).to.include('NO_PRICE_EFFECT');
  });

  it('are refused where prices are not the sum of options, and where nobody chose', async () => {
    const odd = together([
      house('small', 10_000, { plain: 100, wood: 400 }),
      house('middle', 20_000, { plain: 100, wood: 200 }),
      house('large', 30_000, { plain: 100, wood: 100 }),
    ]);
    odd.prices.push(...odd.prices.map((row, i) => ({ ...row, price: row.price + (i % 3) * 60_000 })));
    expect((await ask(odd)).warnings.map(({ code }) => code)).to.include('NOT_ADDITIVE');
    const none = await ask({ choices: [], prices: [] });
    expect(none.options).to.eql([]);
    expect(none.warnings.map(({ text }) => text)).to.include(
      'part-worths need visitors who changed a configuration with a price: 0 of the 30 needed',
    );
    const three = await ask(together([house('small', 10_000, { plain: 1, wood: 2 })]));
    expect(of(three, 'wood').appeal).to.include({ n: 3, quality: 'insufficient' });
    expect(three.bestDefaults[0]!.share.quality).to.equal('insufficient');
  });

  it('find what a simulated shop was built with, in intervals that hold it', () => {
    const worth = { wood: 1.2, slate: 0.4, oak: 2, stone: -0.5 };
    const base: Record<string, Record<string, number>> = {
      facade: { plain: 0, wood: 12_000, slate: 9000 },
      floor: { screed: 0, oak: 15_000, stone: 6000 },
    };
    /** Logits that 1,000 cost. */
    const sensitivity = 0.08;
    const random = randomFrom(77);
    let held = 0;
    let asked = 0;
    for (let shop = 0; shop < 40; shop++) {
      const counts = new Map<
        string,
        { week: string; model: string; group: string; option: string; n: number }
      >();
      const prices = [];
      for (const size of [0.8, 1, 1.3, 1.6]) {
        const model = `nest-${100 * size}`;
        for (let visitor = 0; visitor < 500; visitor++) {
          const parts: Record<string, string> = {};
          let price = 150_000 * size;
          for (const [group, options] of Object.entries(base)) {
            const [taken] = Object.entries(options)
              .map(([option, surcharge]): [string, number] => [
                option,
                (worth[option as keyof typeof worth] ?? 0) -
                  (sensitivity * surcharge * size) / 1000 -
                  Math.log(-Math.log(random.uniform())),
              ])
              .sort(([, p], [, q]) => q - p)[0]!;
            parts[group] = taken;
            price += options[taken]! * size;
            const key = `${model} ${group} ${taken}`;
            const row = counts.get(key) ?? { week: WEEK, model, group, option: taken, n: 0 };
            counts.set(key, { ...row, n: row.n + 1 });
          }
          prices.push({ week: WEEK, model, parts, price, n: 1 });
        }
      }
      const { data } = partWorthsOf([...counts.values()], prices, randomFrom(shop));
      checkEstimates(data, 'partWorths');
      for (const group of ['facade', 'floor']) {
        const own = data.options.filter((one) => one.group === group);
        expect(own.reduce((sum, { appeal }) => sum + appeal.value!, 0)).to.be.closeTo(0, 1e-9);
        expect(own.reduce((sum, { n }) => sum + n, 0)).to.equal(2000);
        for (const { option, against, willingness } of own) {
          if (!willingness || willingness.value === null) continue;
          const value = (name: string): number => worth[name as keyof typeof worth] ?? 0;
          const truth = ((value(option) - value(against)) / sensitivity) * 1000;
          asked += 1;
          if (willingness.lo! <= truth && truth <= willingness.hi!) held += 1;
        }
      }
    }
    // four options against the first of their group in (nearly) every shop
    expect(asked).to.be.above(130);
    expect(held / asked).to.be.within(0.9, 0.995);
  });
});

describe('part-worths on the real engine', function () {
  this.timeout(120_000);
  const db = useDatabase();

  /**
   * Visitors 1…9: a start with plain, then 1…6 change to wood and stay, 7 and 8 come back to plain, 9 changes nothing;
   * 10 is a robot. Houses cost 200,000, wood 15,000 more.
   */
  const events = (): TestEvent[] =>
    Array.from({ length: 10 }, (_, i) => i + 1).flatMap((visitor) => {
      const config = (seq: number, kind: string, facade: 'plain' | 'wood'): TestEvent => ({
        ts: OPENING + visitor * 60_000 + seq * 1000,
        type: 'config',
        kind,
        visitor,
        session: visitor,
        seq,
        model: 'nest-80',
        config_hash: facade === 'wood' ? '2' : '1',
        parts: { facade },
        price_cents: facade === 'wood' ? 21_500_000 : 20_000_000,
        bot: visitor === 10 ? 1 : 0,
      });
      return [
        config(0, 'start', 'plain'),
        ...(visitor === 9 ? [] : [config(1, 'change', 'wood')]),
        ...(visitor === 7 || visitor === 8 ? [config(2, 'change', 'plain')] : []),
      ];
    });

  before(() => db.store(events()));

  it('count the last configuration of everybody who changed something', async () => {
    const { partWorths } = await createAsker(db as never)<{ partWorths: PartWorths }>('price-optimization');
    expect(
      partWorths.options.map(({ option, n, against, surcharge }) => [
        option,
        n,
        against,
        Math.round(surcharge!),
      ]),
    ).to.eql([
      ['plain', 2, 'wood', -15_000],
      ['wood', 6, 'wood', 0],
    ]);
  });
});
