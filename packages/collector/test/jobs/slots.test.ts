import { expect } from 'chai';
import fc from 'fast-check';
import { slotsBetween, type SlotRule } from '../../src/jobs/slots.js';

const at = (text: string): number => Date.parse(text);
const ids = (rule: SlotRule, from: string, to: string): string[] =>
  slotsBetween(rule, at(from), at(to)).map((slot) => slot.id);
const daily: SlotRule = { kind: 'day', hour: 2, minute: 30, zone: 'Europe/Vienna', site: 1 };

describe('slots', () => {
  it('lie on multiples of their minutes, the end included, the beginning not', () => {
    expect(ids({ kind: 'every', minutes: 15 }, '2026-03-01T00:00:00Z', '2026-03-01T00:45:00Z')).to.eql([
      '2026-03-01T00:15:00.000Z',
      '2026-03-01T00:30:00.000Z',
      '2026-03-01T00:45:00.000Z',
    ]);
  });

  it('give a local day of 23 or 25 hours exactly one slot', () => {
    // 2026-03-29: 02:30 does not exist in Vienna; 2026-10-25: it exists twice
    const spring = slotsBetween(daily, at('2026-03-28T12:00:00Z'), at('2026-03-31T00:00:00Z'));
    expect(spring.map(({ id, at: instant }) => [id, new Date(instant).toISOString()])).to.eql([
      ['1:2026-03-29', '2026-03-29T01:30:00.000Z'],
      ['1:2026-03-30', '2026-03-30T00:30:00.000Z'],
    ]);
    const autumn = slotsBetween(daily, at('2026-10-24T12:00:00Z'), at('2026-10-27T00:00:00Z'));
    expect(autumn.map(({ id, at: instant }) => [id, new Date(instant).toISOString()])).to.eql([
      ['1:2026-10-25', '2026-10-25T00:30:00.000Z'],
      ['1:2026-10-26', '2026-10-26T01:30:00.000Z'],
    ]);
  });

  it('begin weeks on Mondays and months on the first', () => {
    expect(ids({ ...daily, kind: 'week' }, '2026-11-01T00:00:00Z', '2026-11-17T00:00:00Z')).to.eql([
      '1:2026-11-02',
      '1:2026-11-09',
      '1:2026-11-16',
    ]);
    expect(ids({ ...daily, kind: 'month' }, '2026-01-15T00:00:00Z', '2026-04-01T12:00:00Z')).to.eql([
      '1:2026-02-01',
      '1:2026-03-01',
      '1:2026-04-01',
    ]);
  });

  it('are the same however often one asks in between', () => {
    const zones = ['Europe/Vienna', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Apia', 'UTC'];
    const rules = fc.oneof(
      fc.record({ kind: fc.constant('every' as const), minutes: fc.constantFrom(1, 5, 15, 60) }),
      fc.record({
        kind: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
        hour: fc.integer({ min: 0, max: 23 }),
        minute: fc.integer({ min: 0, max: 59 }),
        zone: fc.constantFrom(...zones),
        site: fc.constant(1),
      }),
    );
    fc.assert(
      fc.property(
        rules,
        fc.integer({ min: at('2020-01-01'), max: at('2030-01-01') }),
        fc.integer({ min: 0, max: 40 * 86_400_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rule, from, length, share) => {
          const long = rule.kind === 'every' ? length / 40 : length;
          const middle = Math.floor(from + long * share);
          const whole = slotsBetween(rule, from, from + long);
          const parts = [...slotsBetween(rule, from, middle), ...slotsBetween(rule, middle, from + long)];
          expect(parts).to.eql(whole);
          expect(new Set(whole.map((slot) => slot.id)).size).to.equal(whole.length);
        },
      ),
    );
  });
});
