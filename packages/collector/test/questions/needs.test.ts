import { expect } from 'chai';
import { rateEstimate } from '../../src/questions/estimate.js';
import { needsOf } from '../../src/questions/needs.js';

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
});
