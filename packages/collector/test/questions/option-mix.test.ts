import { expect } from 'chai';
import fc from 'fast-check';
import { leadWeeksOf, optionMixOf } from '../../src/questions/option-mix.js';
import type { Estimate } from '../../src/questions/index.js';
import { betaInterval } from '../../src/statistics/index.js';
import { useDatabase } from '../schema/support.js';
import { checkEstimates } from './scripted.js';
import { OPENING, RANGE, shop } from './shop.js';
import { createAsker, scopeOf } from './support.js';

describe('the mix of options that production will need', function () {
  this.timeout(120_000);
  const db = useDatabase();

  it('is the share of saved configurations, pulled towards the range before', () => {
    const mix = optionMixOf(
      [
        { group: 'facade', option: 'wood', n: 60 },
        { group: 'facade', option: 'plaster', n: 40 },
      ],
      [
        { group: 'facade', option: 'plaster', n: 69 },
        { group: 'facade', option: 'wood', n: 29 },
      ],
    );
    // before: 29 + 1 of 98 + 2, that is .3, weighing ten visitors
    const { value, lo, hi } = betaInterval(60, 100, { a: 3, b: 7 });
    expect(value).to.be.closeTo(63 / 110, 1e-12);
    expect(mix.map(({ option, n, before }) => [option, n, before])).to.eql([
      ['wood', 60, 29],
      ['plaster', 40, 69],
    ]);
    expect(mix[0]!.share).to.include({ lo, hi, n: 100, quality: 'low_n' });
    expect(mix[0]!.share.value).to.be.closeTo(63 / 110, 1e-12);
  });

  it('adds up to one in every group, in bounds', () => {
    const count = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 6 }), (counts) => {
        const of = (part: 0 | 1) =>
          counts.flatMap((pair, i) =>
            pair[part] > 0 ? [{ group: 'g', option: String(i), n: pair[part] }] : [],
          );
        const mix = optionMixOf(of(0), of(1));
        checkEstimates(mix);
        const known = mix.filter(({ share }) => share.value !== null);
        if (known.length > 0)
          expect(known.reduce((sum, { share }) => sum + share.value!, 0)).to.be.closeTo(1, 1e-9);
        expect(mix.reduce((sum, { n }) => sum + n, 0)).to.equal(counts.reduce((sum, [n]) => sum + n, 0));
      }),
    );
  });

  it('runs ahead of orders by the lag that is surely related, or by none', () => {
    const at = (lagWeeks: number, value: number | null, lo: number | null) => ({
      lagWeeks,
      orders: { value, lo, hi: 1, n: 30, method: 'x', quality: 'ok' } as Estimate,
    });
    expect(leadWeeksOf([at(0, 0.3, -0.1), at(3, 0.5, 0.2), at(7, 0.6, 0.3), at(9, 0.9, -0.2)])).to.equal(7);
    expect(leadWeeksOf([at(0, null, null), at(1, 0.2, -0.3)])).to.equal(null);
    // in the same week nothing runs ahead
    expect(leadWeeksOf([at(0, 0.9, 0.8), at(3, 0.5, 0.2)])).to.equal(3);
    expect(leadWeeksOf([at(0, 0.9, 0.8)])).to.equal(null);
  });

  it('is never a point because one option is all that was seen, nor of nobody', () => {
    const [sole] = optionMixOf([{ group: 'g', option: 'a', n: 40 }], []);
    expect(sole!.share).to.include({ value: 1, hi: 1, n: 40 });
    expect(sole!.share.lo).to.be.closeTo(betaInterval(40, 40).lo, 1e-12).and.below(0.97);
    const gone = optionMixOf(
      [{ group: 'g', option: 'a', n: 100 }],
      [
        { group: 'g', option: 'a', n: 100_000 },
        { group: 'g', option: 'b', n: 1 },
      ],
    ).find(({ option }) => option === 'b')!;
    expect(gone.share.lo).to.equal(0);
    expect(gone.share.hi).to.be.closeTo(betaInterval(0, 100).hi, 1e-12);
  });

  it('counts the last configuration that each visitor saved', async () => {
    await db.store(shop());
    const { optionMix } = await createAsker(db as never)<{
      optionMix: {
        leadWeeks: null;
        options: { option: string; n: number; before: number; share: Estimate }[];
      };
    }>('market-trends');
    // ten saved, every second one wood; ten are fewer than the thirty that a share needs
    expect(optionMix.leadWeeks).to.equal(null);
    expect(
      optionMix.options.map(({ option, n, before, share }) => [option, n, before, share.quality]),
    ).to.have.deep.members([
      ['wood', 5, 0, 'insufficient'],
      ['plaster', 5, 0, 'insufficient'],
    ]);
    // from a minute in the midst of a quarter of an hour: five saved before it, five after
    const later = await createAsker(db as never)<{
      optionMix: { options: { option: string; n: number; before: number }[] };
    }>('market-trends', {}, { from: OPENING + 6 * 60_000, to: RANGE.to });
    expect(later.optionMix.options.map(({ option, n, before }) => [option, n, before])).to.have.deep.members([
      ['wood', 2, 3],
      ['plaster', 3, 2],
    ]);
  });

  it('takes the model of a visitor from the part of the range in which he saved', async () => {
    const at = (minutes: number, more: Record<string, unknown>) => ({
      ts: OPENING + minutes * 60_000,
      type: 'config',
      kind: 'save',
      visitor: 900,
      session: 900,
      config_hash: '22',
      parts: { facade: 'plaster' },
      price_cents: 20_000_000,
      site_id: 9,
      ...more,
    });
    await db.store([at(1, { model: 'nest-80' }), at(20, { model: 'nest-120', seq: 1 })]);
    const ask = async (model: string): Promise<number[]> => {
      const { optionMix } = await createAsker(db as never)<{
        optionMix: { options: { n: number; before: number }[] };
      }>(
        'market-trends',
        {},
        {
          ...{ site: { ...scopeOf().site, id: 9 }, model: [model] },
          ...{ from: OPENING + 10 * 60_000, to: RANGE.to },
        },
      );
      return optionMix.options.flatMap(({ n, before }) => [n, before]);
    };
    expect(await ask('*')).to.eql([1, 1]);
    expect(await ask('nest-80')).to.eql([0, 1]);
    expect(await ask('nest-120')).to.eql([1, 0]);
  });
});
