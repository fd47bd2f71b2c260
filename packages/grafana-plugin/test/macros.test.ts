import { expect } from 'chai';
import { expandMacros } from '../testing/mini-host/server/macros.js';

const RANGE = { from: 1_700_000_000_000, to: 1_700_000_060_500, intervalMs: 15_000 };

describe('macros of the data source', () => {
  it('become instants and seconds', () => {
    expect(expandMacros('v(from=$__fromTime_ms, to=$__toTime_ms, step=$__interval_s)', RANGE)).to.equal(
      'v(from=fromUnixTimestamp64Milli(1700000000000), to=fromUnixTimestamp64Milli(1700000060500), step=15)',
    );
  });

  it('never make an empty step', () => {
    expect(expandMacros('$__interval_s', { ...RANGE, intervalMs: 200 })).to.equal('1');
  });

  it('are no others: a dashboard variable does not reach the backend', () => {
    expect(() => expandMacros('$__from', RANGE)).to.throw('unknown macro $__from');
  });
});
