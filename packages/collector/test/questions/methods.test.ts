import { expect } from 'chai';
import type { Estimate } from '../../src/questions/index.js';
import { askScripted } from './scripted.js';

describe('method', () => {
  const step = (position: number, visitors: number, before: number) => ({
    segment: '',
    position,
    step: 'x',
    visitors,
    before,
    median_s: null,
    value_lost: 0,
    open: 0,
  });
  const methods = async (parameters: Record<string, unknown>) => {
    const { data } = await askScripted<{ steps: { rate: Estimate; overall: Estimate }[] }>(
      'conversion-funnel',
      { conversion_funnel: [step(1, 200, 200), step(2, 60, 200)] },
      { parameters },
    );
    return [data.steps[1]!.rate.method, data.steps[1]!.overall.method];
  };

  it('names consent where a funnel follows visitors over more than a day', async () => {
    const named = 'jeffreys, consented visitors';
    expect(await methods({})).to.eql([named, named]);
    expect(await methods({ window: 86_401 })).to.eql([named, named]);
    expect(await methods({ window: 86_400 })).to.eql(['jeffreys', 'jeffreys']);
    expect(await methods({ unit: 'session' })).to.eql(['jeffreys, sessions', 'jeffreys, sessions']);
  });

  it('names consent where heat maps part those who came before from new visitors, and only there', async () => {
    const ratio = async (compare: string) => {
      const group = { element: '#a', first: 30, second: 20, first_total: 100, second_total: 100 };
      const { data } = await askScripted<{ difference: { ratio: Estimate }[] }>(
        'heatmap',
        { heatmap_groups: [group] },
        { parameters: { compare } },
      );
      return data.difference[0]!.ratio.method;
    };
    expect(await ratio('returning')).to.equal('ratio of shares, log-normal, consented visitors');
    expect(await ratio('inquiry')).to.equal('ratio of shares, log-normal');
  });
});
