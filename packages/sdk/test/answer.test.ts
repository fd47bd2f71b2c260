import { expect } from 'chai';
import { judge, retryAfterMs } from '../src/delivery/answer.js';
import { backoffMs } from '../src/delivery/backoff.js';

const NOW = Date.parse('2026-11-25T04:00:00Z');

describe('judge', () => {
  const settled = { accepted: 2, duplicate: 1, rejected: [{ seq: 3, reason: 'schema' }] };
  const cases: [what: string, status: number, body: object | undefined, sent: number, verdict: object][] = [
    ['accepts an answer that adds up', 202, settled, 4, { kind: 'settled' }],
    ['keeps what an answer does not account for', 202, settled, 5, { kind: 'retry', waitMs: 0 }],
    ['believes no 202 without numbers', 202, { accepted: '4' }, 4, { kind: 'retry', waitMs: 0 }],
    ["believes no portal's 200", 200, settled, 4, { kind: 'retry', waitMs: 0 }],
    ["believes no proxy's 403", 403, undefined, 4, { kind: 'retry', waitMs: 0 }],
    ['believes no 413 without a reason', 413, {}, 4, { kind: 'retry', waitMs: 0 }],
    ['halves what is too large', 413, { reason: 'too_large' }, 4, { kind: 'split', to: 'half' }],
    ['takes a bad format apart', 400, { reason: 'json' }, 4, { kind: 'split', to: 'single' }],
    ['takes a bad encoding apart', 415, { reason: 'charset' }, 4, { kind: 'split', to: 'single' }],
    ['stops where it is not welcome', 403, { reason: 'key' }, 4, { kind: 'stop' }],
    ['waits as long as it is asked to', 429, { reason: 'rate' }, 4, { kind: 'retry', waitMs: 7000 }],
    ['waits for a busy collector', 503, undefined, 4, { kind: 'retry', waitMs: 7000 }],
    ['retries whatever else comes', 500, { reason: 'x' }, 4, { kind: 'retry', waitMs: 0 }],
  ];
  for (const [what, status, body, sent, verdict] of cases)
    it(what, () => expect(judge(status, body, sent, 7000)).to.eql(verdict));
});

describe('retryAfterMs', () => {
  it('reads seconds and dates, and caps both at an hour', () => {
    expect(retryAfterMs('7', NOW)).to.equal(7000);
    expect(retryAfterMs('Wed, 25 Nov 2026 04:00:30 GMT', NOW)).to.equal(30_000);
    expect(retryAfterMs('86400', NOW)).to.equal(3_600_000);
    expect(retryAfterMs('Fri, 01 Jan 2027 00:00:00 GMT', NOW)).to.equal(3_600_000);
  });
  it('takes nonsense and the past for nothing', () => {
    for (const header of [null, '', 'soon', '-5', 'Wed, 25 Nov 2020 04:00:30 GMT'])
      expect(retryAfterMs(header, NOW)).to.equal(0);
  });
});

describe('backoffMs', () => {
  it('doubles up to a minute, with full jitter, and never undercuts the collector', () => {
    expect([1, 2, 3, 6, 20].map((failures) => backoffMs(failures, 0, 1))).to.eql([
      2000, 4000, 8000, 60_000, 60_000,
    ]);
    expect(backoffMs(3, 0, 0.25)).to.equal(2000);
    expect(backoffMs(1, 120_000, 0.9)).to.equal(120_000);
  });
});
