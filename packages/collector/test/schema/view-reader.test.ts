import { expect } from 'chai';
import { BadParameter, ClickHouseUnreachable } from '../../src/errors.js';
import { createViewReader } from '../../src/schema/index.js';
import { scope, useDatabase } from './support.js';

describe('view reader', function () {
  // two cores may be busy with other suites
  this.timeout(180_000);
  const db = useDatabase();
  before(async () => {
    await db.store([
      { ts: Date.UTC(2026, 9, 5, 12), type: 'page_view', visitor: 1, session: 1, device: "o'\\b" },
    ]);
  });

  const all = () => scope(Date.UTC(2026, 9, 5), Date.UTC(2026, 9, 6));
  const parameter = async (work: () => unknown): Promise<string> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof BadParameter) return error.parameter;
      throw error;
    }
    return 'none';
  };

  it('refuses a missing parameter, an unknown one and an unknown view', async () => {
    const { step: _step, ...without } = { ...all(), step: 3600 };
    expect(await parameter(() => db.views.rows('overview', without))).to.equal('step');
    expect(await parameter(() => db.views.rows('overview_total', { ...all(), divice: ['x'] }))).to.equal(
      'divice',
    );
    expect(await parameter(() => db.views.rows('events', all()))).to.equal('view');
    expect(await parameter(() => db.views.bytes('overview', without, 'Parquet'))).to.equal('step');
  });

  it('rejects while there is no database, and never throws: another question may be on its way beside it', async () => {
    const reader = createViewReader({
      clickhouse: () => {
        throw new ClickHouseUnreachable('the database is starting');
      },
      database: 'lintel',
    });
    const asked = reader.rows('sites', {});
    const outcome = await asked.catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(ClickHouseUnreachable);
  });

  it('filters by text that would end a literal', async () => {
    const visitors = async (device: string): Promise<number> =>
      (await db.views.rows<{ visitors: number }>('overview_total', { ...all(), device: [device] }))[0]!
        .visitors;
    expect(await visitors("o'\\b")).to.equal(1);
    expect(await visitors("o'")).to.equal(0);
    expect(await visitors("x') OR (1=1")).to.equal(0);
  });

  it('keeps rows for as long as one says, for the same parameters and columns only', async () => {
    const ask = (over: object, keepMs?: number) =>
      db.views.rows<{ visitors: number }>(
        'overview_total',
        { ...all(), site: 7, ...over },
        ['visitors'],
        keepMs,
      );
    const [before] = await ask({}, 60_000);
    await db.store([
      { ts: Date.UTC(2026, 9, 5, 13), site_id: 7, type: 'page_view', visitor: 2, session: 2, device: 'tv' },
    ]);
    expect(before).to.eql({ visitors: 0 });
    expect(await ask({}, 60_000)).to.eql([{ visitors: 0 }]);
    expect(await ask({ device: ['tv'] }, 60_000)).to.eql([{ visitors: 1 }]);
    expect(await ask({})).to.eql([{ visitors: 1 }]);
  });

  it('streams a view in the formats of an export', async () => {
    const bytes = async (
      format: 'Parquet' | 'ArrowStream' | 'JSONCompactEachRowWithNames',
    ): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of db.views.bytes('overview', { ...all(), step: 86_400 }, format))
        chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    expect((await bytes('Parquet')).subarray(0, 4).toString()).to.equal('PAR1');
    expect((await bytes('ArrowStream')).length).to.be.greaterThan(100);
    const lines = (await bytes('JSONCompactEachRowWithNames')).toString().trimEnd().split('\n');
    expect(JSON.parse(lines[0]!)).to.include.members(['time', 'visitors']);
    expect(lines).to.have.length(2);
  });
});
