import { expect } from 'chai';
import { silentLog } from '../../src/log.js';
import { createMetrics, createMonitor, type Metrics, type MonitorRow } from '../../src/monitor/index.js';
import { quantileOf } from '../../src/monitor/quantiles.js';

describe('monitor', () => {
  let metrics: Metrics;
  let rows: MonitorRow[];
  let failure: Error | null;
  let sample: () => Promise<void>;

  beforeEach(() => {
    metrics = createMetrics();
    rows = [];
    failure = null;
    const monitor = createMonitor({
      registry: metrics.registry,
      clock: { now: () => Date.UTC(2026, 10, 25, 12, 0, 1, 500) },
      log: silentLog,
      host: 'here:1',
      writer: {
        writeSide: (table, lines) => {
          expect(table).to.equal('monitor');
          if (failure) return Promise.reject(failure);
          rows = lines.map((line) => JSON.parse(line) as MonitorRow);
          return Promise.resolve();
        },
      },
    });
    sample = monitor.sample;
  });
  const named = (name: string): MonitorRow[] => rows.filter((row) => row.name === name);

  it('writes refusals by reason and site, as the increase since the last row', async () => {
    metrics.rejected.inc({ site: '7', reason: 'origin' }, 3);
    metrics.rejected.inc({ site: '0', reason: 'json' });
    await sample();
    expect(named('ingest_rejected_total')).to.deep.equal([
      {
        at: '2026-11-25 12:00:01',
        host: 'here:1',
        name: 'ingest_rejected_total',
        label: 'origin',
        site_id: 7,
        value: 3,
        p50: 0,
        p95: 0,
        p99: 0,
        n: 3,
      },
      { ...named('ingest_rejected_total')[1]!, label: 'json', site_id: 0, value: 1, n: 1 },
    ]);
    metrics.rejected.inc({ site: '7', reason: 'origin' }, 2);
    await sample();
    expect(named('ingest_rejected_total').map(({ label, n }) => [label, n])).to.deep.equal([['origin', 2]]);
    await sample();
    expect(named('ingest_rejected_total')).to.deep.equal([]);
  });

  it('writes timings with quantiles in milliseconds', async () => {
    for (let n = 0; n < 100; n++) {
      metrics.requestSeconds.observe(
        { route: '/v1/events', method: 'POST', status: '2xx' },
        n < 90 ? 0.004 : 0.2,
      );
    }
    await sample();
    const [row] = named('http_request_seconds');
    expect(row).to.include({ label: '/v1/events:POST:2xx', n: 100, site_id: 0 });
    expect(row!.value).to.be.closeTo(23.6, 0.01);
    expect(row!.p50).to.be.within(2.5, 5);
    expect(row!.p95).to.be.within(100, 250);
    metrics.requestSeconds.observe({ route: '/v1/events', method: 'POST', status: '2xx' }, 0.004);
    await sample();
    expect(named('http_request_seconds')[0]!.p95).to.be.within(2.5, 5);
  });

  it('writes gauges as they stand', async () => {
    metrics.bufferRows.set({ backend: 'disk' }, 12);
    await sample();
    expect(named('buffer_rows')[0]).to.include({ label: 'disk', value: 12, n: 1 });
  });

  it('tells of what it could not write in the next row', async () => {
    metrics.rejected.inc({ site: '7', reason: 'rate' }, 3);
    failure = new Error('away');
    await sample();
    failure = null;
    metrics.rejected.inc({ site: '7', reason: 'rate' }, 2);
    await sample();
    expect(named('ingest_rejected_total')[0]!.n).to.equal(5);
  });

  it('finds quantiles inside buckets', () => {
    const buckets = new Map([
      [0.1, 50],
      [0.5, 90],
      [1, 100],
      [Infinity, 100],
    ]);
    expect(quantileOf(buckets, 0.5)).to.equal(0.1);
    expect(quantileOf(buckets, 0.7)).to.be.closeTo(0.3, 1e-9);
    expect(quantileOf(buckets, 0.95)).to.be.closeTo(0.75, 1e-9);
    expect(quantileOf(new Map(), 0.95)).to.equal(0);
    expect(
      quantileOf(
        new Map([
          [0.1, 0],
          [Infinity, 5],
        ]),
        0.95,
      ),
    ).to.equal(0.1);
  });
});
