import { expect } from 'chai';
import { readClickstream } from './support/clickstream.js';
import { startCollector, type Collector } from './support/collector.js';
import { replay } from './support/replay.js';
import { settled } from './support/settled.js';

/** What is asserted is what the log of the shop says (data/README.md); R29 of the reference results. */
describe('a real clickstream, replayed through the public ingest', () => {
  let collector: Collector;
  let range: { from: string; to: string };

  before(async () => {
    collector = await startCollector({ LINTEL_TRUST_PROXY: '1' });
    const events = readClickstream();
    const [first, last] = [events[0]!.at, events.at(-1)!.at];
    // Shifted as a whole into yesterday: events older than 30 days are refused.
    const shiftMs = Math.floor(Date.now() / 1000) * 1000 - 86_400_000 - first;
    range = {
      from: new Date(first + shiftMs).toISOString(),
      to: new Date(last + shiftMs + 1000).toISOString(),
    };
    const begun = performance.now();
    await replay(collector.publicUrl, events, shiftMs);
    await settled(collector);
    // the limit is 60 s; printed, not asserted: time depends on what else runs
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    process.stdout.write(`    ${events.length} events sent and stored in ${seconds} s\n`);
  });
  after(() => collector.remove());

  const funnel = async (steps: string[], parameters: Record<string, string>): Promise<number[]> => {
    const { data } = await collector.admin.ask<{ steps: { step: string; n: number }[] }>(
      'conversion-funnel',
      {
        ...range,
        steps,
        ...parameters,
      },
    );
    expect(data.steps.map(({ step }) => step)).to.deep.equal(steps);
    return data.steps.map(({ n }) => n);
  };

  it('keeps every event, once', async () => {
    const [line] = await collector.admin.ledger();
    expect(line).to.include({
      accepted: 17_434,
      stored: 17_434,
      buffered: 0,
      deadLettered: 0,
      difference: 0,
    });
    const { data } = await collector.admin.ask<{
      streams: { streams: number; generated: number; stored: number };
      captureRate: { value: number };
      refused: unknown[];
    }>('data-quality', range);
    expect(data.streams).to.deep.equal({ streams: 5066, generated: 17_434, stored: 17_434 });
    expect(data.captureRate.value).to.be.greaterThan(0.999);
    expect(data.refused).to.deep.equal([]);
  });

  it('counts sessions, visitors, orders and revenue', async () => {
    const { data } = await collector.admin.ask<{
      totals: Record<string, number>;
      sessions: { events: number[] };
    }>('overview', range);
    expect(data.totals).to.include({ sessions: 5066, visitors: 4504, orders: 214, revenue: 59_442.63 });
    expect(data.sessions.events, 'events per session: p50, p90, p99').to.deep.equal([2, 8, 21]);
  });

  it('adds orders up by model', async () => {
    const { data } = await collector.admin.ask<{
      ordersBy: { key: string; orders: number; revenue: number }[];
    }>('overview', { ...range, dimension: 'model' });
    expect(data.ordersBy.slice(0, 3)).to.deep.equal([
      { key: 'samsung', orders: 55, revenue: 13_872.4 },
      { key: 'apple', orders: 33, revenue: 26_951.25 },
      { key: 'xiaomi', orders: 21, revenue: 2669.28 },
    ]);
  });

  const STEPS = ['custom:view', 'custom:cart', 'order'];

  it('follows sessions through the funnel', async () => {
    expect(await funnel(STEPS, { unit: 'session' })).to.deep.equal([5066, 118, 65]);
    expect(await funnel(STEPS, { unit: 'session', mode: 'strict' })).to.deep.equal([5066, 117, 64]);
  });

  it('follows visitors through the funnel', async () => {
    expect(await funnel(STEPS, { unit: 'visitor' })).to.deep.equal([4504, 111, 62]);
  });

  it('tells ordered from unordered', async () => {
    const steps = ['custom:view', 'order'];
    expect((await funnel(steps, { unit: 'session' }))[1]).to.equal(199);
    expect((await funnel(steps, { unit: 'session', mode: 'unordered' }))[1]).to.equal(200);
  });
});
