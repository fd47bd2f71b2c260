import { expect } from 'chai';
import { rateEstimate } from '../../src/questions/estimate.js';
import { needsOf } from '../../src/questions/needs.js';
import { askScripted, type Script } from './scripted.js';

describe('needsOf', () => {
  it('says what a rate lacks, in words', () => {
    expect(needsOf({ inquiryRate: rateEstimate(1, 7) })).to.eql([
      { code: 'INSUFFICIENT', text: 'inquiryRate: 7 of the 20 visitors needed' },
    ]);
  });

  it('counts the members of a list, and leaves out what is there', () => {
    const steps = [rateEstimate(30, 50), rateEstimate(3, 9), rateEstimate(1, 2)].map((rate) => ({ rate }));
    expect(needsOf({ steps, total: 4 })).to.eql([
      { code: 'INSUFFICIENT', text: 'steps[].rate: 2 of 3 have fewer than the 20 visitors needed' },
    ]);
    expect(needsOf({ steps: steps.slice(0, 1) })).to.eql([]);
  });

  it('names what was counted', () => {
    const textOf = (method: string): string =>
      needsOf({ rate: rateEstimate(1, 7, undefined, method) })[0]!.text;
    for (const unit of [
      'leads',
      'customers',
      'sessions',
      'passages',
      'choices',
      'price jumps',
      'page instances',
    ])
      for (const method of ['jeffreys', 'eb-beta'])
        expect(textOf(`${method}, ${unit}`)).to.equal(`rate: 7 of the 20 ${unit} needed`);
    expect(textOf('jeffreys, sessions, association')).to.equal('rate: 7 of the 20 sessions needed');
    expect(textOf('jeffreys, consented visitors')).to.equal('rate: 7 of the 20 visitors needed');
  });

  it('is told in the unit that a question counts', async () => {
    const needs = async (name: string, script: Script, parameters = {}): Promise<string[]> =>
      needsOf((await askScripted<object>(name, script, { parameters })).data).map(({ text }) => text);
    const step = { segment: '', position: 1, step: 'page_view', visitors: 7, before: 7 };
    const rows = [{ ...step, median_s: null, value_lost: 0, open: 0 }];
    for (const [unit, word] of [
      ['visitor', 'visitors'],
      ['session', 'sessions'],
      ['stream', 'page instances'],
    ])
      expect(await needs('conversion-funnel', { conversion_funnel: rows }, { unit })).to.eql([
        `steps[].overall: 7 of the 20 ${word} needed`,
      ]);
    const ways = [{ position: 1, nodes: ['1', '0'], n: 7, k: 0 }];
    expect(
      await needs('user-journey', { journey_ways: ways, journey_nodes: [{ id: '1', name: '/' }] }),
    ).to.eql(['nodes[].left: 7 of the 20 passages needed']);
    const bands = [{ band: '1–2 ms', n: 7, k: 0 }];
    expect(await needs('performance', { speed_bands: bands })).to.eql([
      'bySpeed[].rate: 7 of the 20 sessions needed',
    ]);
  });
});
