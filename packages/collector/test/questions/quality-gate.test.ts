import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TSchema } from '@sinclair/typebox';
import { expect } from 'chai';
import fc from 'fast-check';
import { analyticsRoutes, createAdminServer, openTokens } from '../../src/admin/index.js';
import { checkQuality } from '../../src/jobs/check-quality.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { rateEstimate } from '../../src/questions/estimate.js';
import { gateAnswer, QUESTIONS, type Estimate, type QualityTotals } from '../../src/questions/index.js';
import { createSites } from '../../src/sites.js';
import { betaInterval } from '../../src/statistics/index.js';
import { anExperiment } from '../admin/support/experiment.js';
import { runSlot, sourcesOf } from '../jobs/support.js';
import { useDatabase } from '../schema/support.js';
import { checkEstimates } from './scripted.js';
import { RANGE, shop } from './shop.js';
import { scopeOf } from './support.js';

const clean: QualityTotals = {
  stored: 1000,
  bots: 0,
  without_visitor: 0,
  late: 0,
  skewed: 0,
  duplicates: 0,
  generated: 1000,
  captured: 1000,
};
const schemaOf = (name: string): TSchema => QUESTIONS.find((one) => one.name === name)!.data;
const gate = <D>(data: D, totals: Partial<QualityTotals>, question = 'overview') =>
  gateAnswer(data, { ...clean, ...totals }, schemaOf(question));

describe('the quality of the data', () => {
  const rate: Estimate = { value: 0.3, lo: 0.2, hi: 0.45, n: 200, method: 'jeffreys', quality: 'ok' };

  it('doubles the width of an interval: .2 … .45 around .3 becomes .1 … .6', () => {
    const { data, warnings } = gate({ rate, steps: 4 }, { captured: 950 });
    const { lo, hi, ...rest } = data.rate;
    expect(lo).to.be.closeTo(0.1, 1e-12);
    expect(hi).to.be.closeTo(0.6, 1e-12);
    // wider than its value: weak
    expect(rest).to.eql({
      value: 0.3,
      n: 200,
      method: 'jeffreys, widened for data quality',
      quality: 'low_n',
    });
    expect(data.steps).to.equal(4);
    expect(warnings).to.eql([
      {
        code: 'DATA_QUALITY',
        text: '95 % of the generated events arrived, below 99 %: intervals are twice as wide',
      },
    ]);
  });

  it('leaves no estimate where more than a tenth never arrived, and the counts', () => {
    const { data, warnings } = gate({ n: 9, list: [{ rate }] }, { captured: 840 });
    expect(data).to.eql({
      n: 9,
      list: [
        {
          rate: {
            value: null,
            lo: null,
            hi: null,
            n: 200,
            method: 'jeffreys, blocked by data quality',
            quality: 'insufficient',
          },
        },
      ],
    });
    expect(warnings.map(({ text }) => text)).to.eql([
      '84 % of the generated events arrived, 90 % are needed: nothing is inferred from this range',
    ]);
  });

  it('says each reason, and nothing while nothing is known or wrong', () => {
    const texts = (totals: Partial<QualityTotals>): string[] =>
      gate({ rate }, totals).warnings.map(({ text }) => text);
    expect(texts({ bots: 300, skewed: 60 })).to.eql([
      '30 % of the events are from robots, above 20 %: intervals are twice as wide',
      '6 % of the events have a clock that is off, above 5 %: intervals are twice as wide',
    ]);
    expect(texts({ duplicates: 2, bots: 300 })).to.eql([
      '2 rows are stored twice: nothing is inferred from this range',
    ]);
    expect(texts({})).to.eql([]);
    // late events are told, and there they are
    expect(texts({ late: 900 })).to.eql([]);
    expect(gateAnswer({ rate }, null, schemaOf('overview'))).to.eql({ data: { rate }, warnings: [] });
    expect(texts({ stored: 5, generated: 9, captured: 5 })).to.eql([]);
  });

  it('leaves no chance and no p-value either, wherever the schema has one', () => {
    const none = { value: null, lo: null, hi: null, n: 200, quality: 'insufficient' };
    const left = <D>(question: string, data: D): D => gate(data, { captured: 840 }, question).data;
    const heat = left('heatmap', {
      difference: [{ element: '#buy', ratio: rate, q: 0.01 }],
      cells: [{ n: 5 }],
    });
    expect(heat.difference[0]).to.deep.include({ element: '#buy', q: null });
    expect(heat.cells).to.eql([{ n: 5 }]);
    const prices = left('price-optimization', {
      optimum: { ...rate, pGain: 0.9 },
      partWorths: { bestDefaults: [{ group: 'roof', share: rate, pBest: 0.8 }] },
    });
    expect(prices.optimum).to.deep.include({ ...none, pGain: null });
    expect(prices.partWorths.bestDefaults[0]!.pBest).to.equal(null);
    expect(left('market-trends', { series: [{ key: 'a', pTrend: 0.02 }] }).series[0]!.pTrend).to.equal(null);
    expect(left('overview', { change: { ...rate, pUp: 0.7 } }).change.pUp).to.equal(null);
    const experiment = left('experiments', {
      challengers: [{ arm: 'b', effect: rate, pBeat: 0.99 }],
      lossIfChosen: { a: 0.01, b: 0 },
      mixed: 3,
    });
    expect(experiment.challengers[0]!.pBeat).to.equal(null);
    expect([experiment.lossIfChosen, experiment.mixed]).to.eql([{ a: null, b: null }, 3]);
    const gap = left('attribution', { disagreement: [{ channel: 'mail', lo: 1, hi: 9 }], conversions: 12 });
    expect(gap).to.eql({ disagreement: [{ channel: 'mail', lo: null, hi: null }], conversions: 12 });
    // where intervals only widen, they stay
    const wide = gate({ change: { ...rate, pUp: 0.7 } }, { captured: 950 });
    expect(wide.data.change.pUp).to.equal(0.7);
  });

  it('keeps shares in 0 … 1, amounts above 0, and lets a change turn its sign', () => {
    const wide = (name: string, one: Partial<Estimate>) =>
      (gate({ [name]: { ...rate, ...one } }, { captured: 950 }).data as Record<string, Estimate>)[name]!;
    expect(wide('rate', { value: 0.9, lo: 0.7, hi: 0.97 })).to.include({ hi: 1 });
    expect(wide('rate', { value: 0.1, lo: 0.02, hi: 0.3 })).to.include({ lo: 0 });
    expect(wide('lift', { value: 1.2, lo: 0.4, hi: 2 })).to.include({ lo: 0, hi: 2.8 });
    expect(wide('change', { value: 0.02, lo: 0.005, hi: 0.03 }).lo).to.be.closeTo(-0.01, 1e-12);
  });

  it('never makes an interval narrower, nor moves an estimate out of it', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 900 }), share, share, (n, k, lost) => {
        const before = rateEstimate(Math.floor(n * k), n);
        const captured = Math.round(1000 * (1 - lost / 5));
        const { data, warnings } = gate({ rate: before }, { captured });
        checkEstimates(data);
        const missing = 1 - captured / 1000;
        expect(warnings.length).to.equal(missing > 0.01 ? 1 : 0);
        if (missing > 0.1) expect(data.rate.value).to.equal(null);
        else {
          expect(data.rate.value).to.equal(before.value);
          expect(data.rate.lo).to.be.at.most(before.lo! + 1e-12);
          expect(data.rate.hi).to.be.at.least(before.hi! - 1e-12);
        }
      }),
    );
  });
});

describe('the quality of the data, in every answer over HTTP', function () {
  this.timeout(240_000);
  const db = useDatabase();
  const { site } = scopeOf();
  let server: Server;
  let folder: string;
  let base: string;
  let authorization: string;

  interface Answer {
    warnings: { code: string; text: string }[];
    data: Record<string, unknown>;
  }
  const ask = async (question: string): Promise<Answer> => {
    const more = question === 'experiments' ? '&experiment=hero' : '';
    const response = await fetch(
      `${base}/api/admin/analytics/${question}?from=${RANGE.from}&to=${RANGE.to}${more}`,
      { headers: { authorization } },
    );
    const body = (await response.json()) as Answer;
    expect(response.status, JSON.stringify(body)).to.equal(200);
    checkEstimates(body.data, question);
    return body;
  };
  const count = async (): Promise<void> => {
    await runSlot(checkQuality(sourcesOf(db)), { id: 'now', at: RANGE.to });
    // what was counted before is kept for a second
    await new Promise((resolve) => setTimeout(resolve, 1100));
  };

  before(async () => {
    await db.store(shop());
    folder = mkdtempSync(join(tmpdir(), 'lintel-quality-'));
    const clock = { now: () => RANGE.to };
    const tokens = openTokens(join(folder, 'tokens.json'), clock);
    authorization = `Bearer ${tokens.create({ role: 'viewer' }).secret}`;
    server = createAdminServer({
      routes: analyticsRoutes({
        sites: createSites([site]),
        clock,
        readView: db.views.rows,
        readBytes: db.views.bytes,
        readLedger: () => Promise.resolve([]),
        readExperiment: () => anExperiment('hero', RANGE.from),
      }),
      tokens,
      health: {
        ready: () => Promise.resolve(true),
        status: () => Promise.resolve({}),
        refresh: () => Promise.resolve(),
      },
      metrics: createMetrics(),
      log: silentLog,
      version: 'test',
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const { value, lo, hi } = betaInterval(5, 30);

  it('changes nothing before a day was counted', async () => {
    const { data, warnings } = await ask('overview');
    expect(data['inquiryRate']).to.include({ value, lo, hi });
    expect(warnings.map(({ code }) => code)).to.not.include('DATA_QUALITY');
  });

  it('widens where three of 202 events never came', async () => {
    await count();
    const { data, warnings } = await ask('overview');
    const rate = data['inquiryRate'] as Estimate;
    expect(rate.lo).to.be.closeTo(Math.max(0, value - 2 * (value - lo)), 1e-9);
    expect(rate.hi).to.be.closeTo(value + 2 * (hi - value), 1e-9);
    expect(data['totals']).to.include({ visitors: 30 });
    expect(warnings.find(({ code }) => code === 'DATA_QUALITY')!.text).to.equal(
      '98.5 % of the generated events arrived, below 99 %: intervals are twice as wide',
    );
    // the question about the data itself is as it is
    const own = await ask('data-quality');
    expect((own.data['captureRate'] as Estimate).method).to.equal('streams');
    expect(own.warnings.map(({ code }) => code)).to.not.include('DATA_QUALITY');
  });

  it('leaves no estimate in any answer where a page lost a hundred', async () => {
    await db.store([
      {
        ts: RANGE.from + 86_400_000 * 2,
        type: 'stream_end',
        stream: '00000000-0000-4000-8000-000000000777',
        seq: 1_048_575,
        value: 100,
      },
    ]);
    await count();
    for (const { name } of QUESTIONS) {
      if (name === 'data-quality') continue;
      const { data, warnings } = await ask(name);
      expect(
        warnings.filter(({ code }) => code === 'DATA_QUALITY').map(({ text }) => text),
        name,
      ).to.eql([
        '65.9 % of the generated events arrived, 90 % are needed: nothing is inferred from this range',
      ]);
      const estimates: Estimate[] = [];
      JSON.stringify(data, (_key, one: unknown) => {
        if (one !== null && typeof one === 'object' && 'quality' in one && 'method' in one)
          estimates.push(one as Estimate);
        return one;
      });
      for (const { quality } of estimates) expect(quality, name).to.equal('insufficient');
    }
  });
});
