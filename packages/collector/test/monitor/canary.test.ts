import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { silentLog } from '../../src/log.js';
import { createMetrics, startCanary, watchCanary, withCanary } from '../../src/monitor/index.js';
import { createSites } from '../../src/sites.js';

const MINUTE = 60_000;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the watch over the canary', () => {
  const at = Date.UTC(2026, 10, 29, 12, 0, 10);
  let now: number;
  let stored: number[];
  const clock = { now: () => now };

  beforeEach(() => {
    now = at;
    stored = [];
  });

  const watch = () => {
    const metrics = createMetrics();
    const read = ({ from, to }: { from: number; to: number }) =>
      Promise.resolve(stored.filter((sent) => sent >= from && sent < to).map((sent) => ({ sent })));
    return { metrics, ...watchCanary({ read, clock, log: silentLog, metrics }) };
  };
  /** One look: it looks at once when it begins. */
  const look = async ({ start, stop }: ReturnType<typeof watch>): Promise<void> => {
    start();
    await wait(5);
    stop();
  };

  it('knows nothing before the first one, and says nothing of it in the metrics', async () => {
    const one = watch();
    await look(one);
    expect(one.state()).to.deep.equal({ lastSeen: null, visibleLagSeconds: null, ageSeconds: null });
    one.refresh();
    expect(await one.metrics.registry.metrics()).not.to.match(
      /^lintel_(visible_lag|canary_age)_seconds[ {]/m,
    );
  });

  it('takes the age at which it is seen first, and the worst of those that appear together', async () => {
    const one = watch();
    stored = [at];
    now = at + 1500;
    await look(one);
    expect(one.state()).to.deep.equal({ lastSeen: at, visibleLagSeconds: 1.5, ageSeconds: 1.5 });
    now += 5000;
    await look(one);
    expect(one.state(), 'seen first is seen once').to.include({ visibleLagSeconds: 1.5, ageSeconds: 6.5 });
    stored = [at, at + MINUTE, at + 2 * MINUTE];
    now = at + 2 * MINUTE + 2000;
    await look(one);
    expect(one.state()).to.deep.equal({ lastSeen: at + 2 * MINUTE, visibleLagSeconds: 62, ageSeconds: 2 });
  });

  it('grows while the next one is overdue', async () => {
    const one = watch();
    stored = [at];
    now = at + 1000;
    await look(one);
    now = at + 3 * MINUTE;
    one.refresh();
    expect(one.state()).to.include({ visibleLagSeconds: 120, ageSeconds: 180 });
    expect(await one.metrics.registry.metrics()).to.contain('lintel_visible_lag_seconds{site="_canary"} 120');
  });

  it('does not take one of a former start for late', async () => {
    stored = [at - 20_000];
    const one = watch();
    await look(one);
    expect(one.state()).to.deep.equal({ lastSeen: at - 20_000, visibleLagSeconds: null, ageSeconds: 20 });
  });
});

describe('the sender of the canary', () => {
  interface Batch {
    stream: string;
    events: { seq: number; at: number }[];
  }
  let server: Server;
  let heard: Batch[];

  beforeEach(async () => {
    heard = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        heard.push(JSON.parse(Buffer.concat(chunks).toString()) as Batch);
        response.writeHead(202).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => server.close());

  const sentAt = async (now: number): Promise<Batch> => {
    const before = heard.length;
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const canary = startCanary({ origin, key: 'pk_x', clock: { now: () => now }, log: silentLog });
    while (heard.length === before) await wait(5);
    canary.stop();
    return heard.at(-1)!;
  };

  it('numbers the minutes of a day, so that every process sends the same event', async () => {
    const day = Date.UTC(2026, 10, 29);
    const [first, again, next, tomorrow] = [
      await sentAt(day + 61_000),
      await sentAt(day + 119_000),
      await sentAt(day + 120_000),
      await sentAt(day + 1440 * MINUTE),
    ];
    expect([first, again, next, tomorrow].map(({ events }) => events[0]!.seq)).to.deep.equal([1, 1, 2, 0]);
    expect(again.stream).to.equal(first.stream);
    expect(next.stream).to.equal(first.stream);
    expect(tomorrow.stream).not.to.equal(first.stream);
    expect(first.stream).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('the reserved site', () => {
  it('is found by its key and stands in no list', () => {
    const site = { id: 7, key: 'pk_seven', serverKeys: [] };
    const sites = withCanary(createSites([site as never]), 'pk_secret');
    expect(sites.byKey('pk_secret')).to.include({ id: 65_535 });
    expect(sites.byKey('pk_seven')).to.include({ id: 7 });
    expect(sites.all).to.deep.equal([site]);
    expect(sites.byId(65_535)).to.equal(undefined);
  });
});
