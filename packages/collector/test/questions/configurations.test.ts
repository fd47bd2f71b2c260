import { expect } from 'chai';
import { askScripted } from './scripted.js';

interface Popular {
  configs: { config: string; model: string; options: Record<string, string> }[];
  shares: { group: string; option: string; n: number }[];
}

describe('what configurations hold', () => {
  const built = (config: string, visitors: number, ended: number) => ({
    ...{ config, visitors, ended, inquiries: 0, price: null },
  });
  const holds = (config: string, facade: string) => ({
    ...{ config, model: 'cube', parts: JSON.stringify({ facade }) },
  });

  /** Days of each reading, and what was found of the second configuration, when it shows in the nth. */
  const found = async (nth: number) => {
    const readings: number[] = [];
    const { data } = await askScripted<Popular>('popular-configs', {
      configurations_built: [built('7', 40, 30), built('8', 20, 15)],
      configurations: ({ from, to }) => {
        readings.push((Number(to) - Number(from)) / 86_400_000);
        const both = readings.length >= nth;
        // the last day alone does not tell of the older one
        return [
          ...(readings.length === 2 ? [] : [holds('7', 'wood')]),
          ...(both ? [holds('8', 'plaster')] : []),
        ];
      },
    });
    expect(data.configs.map(({ config, model, options }) => [config, model, options])).to.have.deep.members([
      ['7', 'cube', { facade: 'wood' }],
      ['8', 'cube', { facade: 'plaster' }],
    ]);
    expect(data.shares.map(({ option, n }) => [option, n])).to.eql([
      ['wood', 30],
      ['plaster', 15],
    ]);
    return readings;
  };

  it('is read of all days once', async () => {
    const [all, ...more] = await found(1);
    expect(all).to.be.greaterThan(1);
    expect(more).to.eql([]);
  });

  it('is read of the last day again when one is younger than what was kept', async () => {
    const [, ...more] = await found(2);
    expect(more).to.eql([1]);
  });

  it('is read of all days again when the last one does not tell', async () => {
    const [all, ...more] = await found(3);
    expect(more).to.eql([1, all]);
  });

  it('is counted by last configurations beyond the thousand that are ranked', async () => {
    const rows = Array.from({ length: 1200 }, (_, i) => built(String(i), 1, 1));
    const { data } = await askScripted<Popular>('popular-configs', {
      configurations_built: rows,
      configurations: rows.map(({ config }) => holds(config, Number(config) % 3 === 0 ? 'wood' : 'plaster')),
    });
    expect(data.shares.map(({ option, n }) => [option, n])).to.eql([
      ['plaster', 800],
      ['wood', 400],
    ]);
  });

  it('is said to be cut short when there is more than the views give', async () => {
    const of = async (lines: number) => {
      const end = { week: '2026-11-09', model: 'cube', config: '7', chosen: 1, n: 1, price: 200_000 };
      const popular = await askScripted<Popular>('popular-configs', {
        configurations_built: new Array<object>(lines).fill(built('7', 1, 1)),
        configurations: [holds('7', 'wood')],
      });
      const priced = await askScripted('price-optimization', {
        configuration_ends: new Array<object>(lines).fill(end),
        configurations: [holds('7', 'wood')],
      });
      return [popular, priced].map(({ warnings }) => warnings.some(({ code }) => code === 'TRUNCATED'));
    };
    expect(await of(499_999)).to.eql([false, false]);
    expect(await of(500_000)).to.eql([true, true]);
  });
});
