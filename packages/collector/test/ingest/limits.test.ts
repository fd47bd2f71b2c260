import { expect } from 'chai';
import fc from 'fast-check';
import { clientAddress } from '../../src/ingest/address.js';
import { drain, fullBucket, LONGEST_DEBT_SECONDS, refill, waitOf } from '../../src/ingest/bucket.js';
import { createLimiter, MOST_TOLD, type Limiter, type Rates } from '../../src/ingest/limiter.js';
import { createPseudonyms } from '../../src/ingest/pseudonym.js';

const START = 1_764_000_000_000;
const OPEN = { perSecond: 1e6, burst: 1e6 };
const ADDRESS = clientAddress('203.0.113.7');
const plain = { hour: () => 1, of: (text: string) => text };

interface Shared {
  clock: { now(): number; time: number };
  limiters: Limiter[];
  /** Everybody else hears what `from` has to tell. */
  exchange(from: number): void;
}

const processes = (count: number, rates: Rates): Shared => {
  const clock = { time: START, now: () => clock.time };
  const limiters = Array.from({ length: count }, () => createLimiter({ clock, rates, pseudonyms: plain }));
  return {
    clock,
    limiters,
    exchange: (from) => {
      const taken = limiters[from]!.tell();
      limiters.forEach((limiter, at) => at !== from && limiter.hear(taken));
    },
  };
};

/** Passes of one address on each process, which all try more often than they may, for so many seconds. */
const flood = ({ clock, limiters, exchange }: Shared, seconds: number, exchanges = true): number => {
  const phase = limiters.map((_, at) => Math.floor((at * 1000) / limiters.length / 10));
  let passed = 0;
  for (let step = 0; step < seconds * 100; step++) {
    clock.time += 10;
    limiters.forEach((limiter, at) => {
      for (let n = 0; n < 20; n++) if (limiter.take('pk', ADDRESS) === 0) passed += 1;
      if (exchanges && step % 100 === phase[at]) exchange(at);
    });
  }
  return passed;
};

describe('a bucket', () => {
  const rate = fc.record({
    perSecond: fc.integer({ min: 1, max: 1000 }),
    burst: fc.integer({ min: 1, max: 10_000 }),
  });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('wait'), n: fc.integer({ min: -5000, max: 60_000 }) }),
    fc.record({ kind: fc.constant('take'), n: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ kind: fc.constant('drain'), n: fc.integer({ min: 1, max: 1_000_000 }) }),
  );

  it('gives only what it has, never holds more than its burst, and no debt lasts longer than a minute', () => {
    fc.assert(
      fc.property(rate, fc.array(step, { maxLength: 60 }), (its, steps) => {
        let now = START;
        const bucket = fullBucket(its, now);
        for (const { kind, n } of steps) {
          if (kind === 'wait') now += n;
          refill(bucket, its, now);
          if (kind === 'drain') drain(bucket, its, n);
          for (let take = 0; kind === 'take' && take < n && waitOf(bucket, its) === 0; take++) {
            bucket.level -= 1;
            expect(bucket.level).to.be.at.least(0);
          }
          expect(bucket.level).to.be.at.most(its.burst);
          expect(waitOf(bucket, its)).to.be.at.most(LONGEST_DEBT_SECONDS + 1 / its.perSecond);
        }
        refill(bucket, its, now + (LONGEST_DEBT_SECONDS + its.burst / its.perSecond) * 1000 + 6000);
      }),
    );
  });

  it('is drained alike by the same takings in any order and in any pieces', () => {
    const takings = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(rate, takings, fc.infiniteStream(fc.nat()), (its, taken, dice) => {
        const level = (amounts: number[]): number => {
          const bucket = fullBucket(its, START);
          for (const amount of amounts) drain(bucket, its, amount);
          return bucket.level;
        };
        const shuffled = taken
          .map((amount) => ({ amount, at: dice.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ amount }) => amount);
        const whole = [taken.reduce((sum, amount) => sum + amount, 0)];
        expect(level(shuffled)).to.equal(level(taken));
        expect(level(whole)).to.equal(level(taken));
      }),
    );
  });
});

describe('limits that processes share', () => {
  const rates: Rates = { key: OPEN, address: { perSecond: 200, burst: 1000 } };

  for (const count of [2, 3, 8]) {
    it(`let one address pass at one rate in ${count} processes, but for what they take in a second`, () => {
      const passed = flood(processes(count, rates), 60);
      const one = 1000 + 200 * 60;
      // what the others took since they were heard last
      expect(passed).to.be.within(one - 200, one + 200 * count);
    });
  }

  it('are as many rates as processes without exchange', () => {
    expect(flood(processes(2, rates), 60, false)).to.be.within(2 * 13_000 - 50, 2 * 13_000 + 50);
  });

  it('count a site key and a network, too', () => {
    const byKey = flood(processes(2, { key: { perSecond: 200, burst: 1000 }, address: OPEN }), 60);
    expect(byKey).to.be.within(12_800, 13_400);
    const network = { key: OPEN, address: { perSecond: 20, burst: 100 } };
    const shared = processes(2, network);
    let passed = 0;
    for (let step = 0; step < 6000; step++) {
      shared.clock.time += 10;
      shared.limiters.forEach((limiter, at) => {
        for (let host = 1; host <= 30; host++)
          if (limiter.take('pk', clientAddress(`203.0.113.${host}`)) === 0) passed += 1;
        if (step % 100 === at * 50) shared.exchange(at);
      });
    }
    expect(passed).to.be.within(12_800, 13_400);
  });

  it('hold back at once an address that was held back elsewhere, as soon as it is noticed', () => {
    const shared = processes(2, rates);
    flood({ ...shared, limiters: [shared.limiters[0]!], exchange: () => shared.exchange(0) }, 10);
    let passed = 0;
    for (let second = 0; second < 5; second++) {
      for (let n = 0; n < 500; n++) if (shared.limiters[1]!.take('pk', ADDRESS) === 0) passed += 1;
      shared.exchange(1);
      shared.clock.time += 1000;
    }
    // 500 before the first exchange, and then what is refilled in the seconds after the debt
    expect(passed).to.be.within(500, 500 + 200 * 3);
  });

  it('do not depend on the order in which others are heard', () => {
    const message = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(message, fc.boolean(), (amounts, knowsIt) => {
        const passesAfter = (order: number[]): number => {
          const { clock, limiters } = processes(1, rates);
          const [limiter] = limiters as [Limiter];
          if (knowsIt) {
            for (let n = 0; n < 25; n++) limiter.take('pk', ADDRESS);
            limiter.tell();
          }
          for (const amount of order) limiter.hear([[`aa${ADDRESS.line}`, amount]]);
          for (let n = 0; n < 25; n++) limiter.take('pk', ADDRESS);
          limiter.tell();
          let passed = 0;
          for (let step = 0; step < 40; step++) {
            clock.time += 1000;
            for (let n = 0; n < 300; n++) if (limiter.take('pk', ADDRESS) === 0) passed += 1;
          }
          return passed;
        };
        expect(passesAfter([...amounts].reverse())).to.equal(passesAfter(amounts));
        expect(passesAfter([amounts.reduce((sum, amount) => sum + amount, 0)])).to.equal(
          passesAfter(amounts),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('are not spoken of for visitors who send what visitors send', () => {
    const { clock, limiters } = processes(1, rates);
    for (let second = 0; second < 60; second++) {
      for (let host = 1; host < 200; host++) limiters[0]!.take('pk', clientAddress(`198.51.${host}.9`));
      clock.time += 1000;
    }
    expect(limiters[0]!.tell()).to.deep.equal([]);
  });

  it(`tell of at most ${MOST_TOLD} buckets at once, the busiest first`, () => {
    const { limiters } = processes(1, rates);
    const times = (host: number): number => 20 + (host % 50);
    for (let host = 0; host < 2 * MOST_TOLD; host++) {
      const address = clientAddress(`10.${host >> 8}.${host & 255}.1`);
      for (let n = 0; n < times(host); n++) limiters[0]!.take('pk', address);
    }
    const told = limiters[0]!.tell();
    expect(told).to.have.length(MOST_TOLD);
    expect(Math.min(...told.map(([, requests]) => requests))).to.be.at.least(20 + 24);
    expect(limiters[0]!.tell()).to.deep.equal([]);
  });

  it('forget what others took when it would be refilled, and keep a debt until it is paid', () => {
    const { clock, limiters } = processes(1, rates);
    const [limiter] = limiters as [Limiter];
    for (let n = 0; n < 25; n++) limiter.take('pk', ADDRESS);
    limiter.tell();
    limiter.hear([[`aa${ADDRESS.line}`, 9000]]);
    // full buckets are swept every 30 s: one that owes is not full
    clock.time += 31_000;
    expect(limiter.take('pk', clientAddress('198.51.100.1'))).to.equal(0);
    expect(limiter.take('pk', ADDRESS)).to.be.within(9, 11);
    clock.time += 16_000;
    expect(limiter.take('pk', ADDRESS)).to.equal(0);
  });
});

describe('names of addresses between processes', () => {
  const key = Buffer.alloc(32, 'key');
  const clock = { time: START, now: () => clock.time };

  it('are the same for one master key and hour, and differ for another', () => {
    clock.time = START;
    const one = createPseudonyms(key, clock);
    const name = one.of('a203.0.113.7');
    expect(name).to.match(/^[\w-]{11}$/);
    expect(createPseudonyms(key, clock).of('a203.0.113.7')).to.equal(name);
    expect(createPseudonyms(Buffer.alloc(32, 'other'), clock).of('a203.0.113.7')).not.to.equal(name);
    clock.time += 3_600_000;
    expect(one.of('a203.0.113.7')).not.to.equal(name);
  });

  it('of another hour are of no consequence', () => {
    clock.time = START;
    const rates: Rates = { key: OPEN, address: { perSecond: 10, burst: 20 } };
    const [one, two] = [0, 1].map(() =>
      createLimiter({ clock, rates, pseudonyms: createPseudonyms(key, clock) }),
    ) as [Limiter, Limiter];
    const takeAll = (limiter: Limiter): number => {
      let passed = 0;
      while (passed < 100 && limiter.take('pk', ADDRESS) === 0) passed += 1;
      return passed;
    };
    expect(takeAll(one)).to.equal(20);
    const told = one.tell();
    clock.time += 3_600_000;
    two.hear(told);
    expect(takeAll(two)).to.equal(20);
    two.tell();
    clock.time += 10_000;
    two.hear(told);
    expect(takeAll(two)).to.equal(20);
  });
});
