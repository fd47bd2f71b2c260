import { expect } from 'chai';
import fc from 'fast-check';
import { StatisticsError, type StatisticsErrorCode } from '../../src/statistics/index.js';

/** An arm with at least one trial. */
export const anArm = fc
  .integer({ min: 1, max: 300 })
  .chain((trials) => fc.integer({ min: 0, max: trials }).map((successes) => ({ successes, trials })));

export const numbers = (minLength: number, maxLength = 40): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength, maxLength });

export const refuses = (act: () => unknown, code: StatisticsErrorCode): void => {
  expect(act).to.throw(StatisticsError).with.property('code', code);
};

/** Within a relative tolerance, 1e-4 unless said: the one of the reference table. */
export const near = (actual: number, expected: number, relative = 1e-4): void => {
  expect(actual).to.be.closeTo(expected, Math.abs(expected) * relative);
};
