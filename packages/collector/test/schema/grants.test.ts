import { expect } from 'chai';
import { ClickHouseError } from '../../src/errors.js';
import { viewDefinitions } from '../../src/schema/definitions.js';
import { someParameters, useDatabase, type Role } from './support.js';

const DENIED = 497;

describe('grants', function () {
  // two cores may be busy with other suites
  this.timeout(180_000);
  const db = useDatabase();
  before(async () => {
    await db.store([{ ts: Date.now(), type: 'page_view', visitor: 1 }]);
  });

  const code = async (role: Role, sql: string, settings: Record<string, number> = {}): Promise<number> => {
    try {
      await db.as(role).command(sql, { settings });
    } catch (error) {
      if (error instanceof ClickHouseError) return error.number;
      throw error;
    }
    return 0;
  };

  it('let the reader see no table, not even one that a view reads', async () => {
    const objects = await db
      .as('migrator')
      .rows<{ name: string }>("SELECT name FROM system.tables WHERE database = 'lintel'");
    const views = new Set(viewDefinitions().map(({ name }) => name));
    const closed = objects.filter(({ name }) => !views.has(name));
    expect(closed.map(({ name }) => name)).to.include.members([
      'events',
      'inquiries',
      'journey',
      'journey_days',
    ]);
    for (const { name } of closed) {
      const call = name.endsWith('_rows') ? `${name}(days=['2026-01-01'])` : name;
      // the second is allowed to whoever may read any one column
      for (const what of ['*', 'count()'])
        expect(await code('reader', `SELECT ${what} FROM ${call}`), `${what} of ${name}`).to.equal(DENIED);
    }
  });

  it('let the reader reach nothing outside, write nothing, and read no system table', async () => {
    for (const sql of [
      "SELECT * FROM file('x.csv')",
      "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'x String')",
      "SELECT * FROM remote('127.0.0.1', lintel.events)",
      "INSERT INTO events (type) VALUES ('x')",
      'SELECT * FROM system.processes WHERE user != currentUser()',
      'SELECT * FROM system.settings_profiles',
      'DROP TABLE events',
      'CREATE TABLE x (a UInt8) ENGINE = Memory',
      'ALTER TABLE events DELETE WHERE 1',
    ]) {
      expect(await code('reader', sql), sql).to.be.oneOf([DENIED, 164]);
    }
    // this one answers everybody, with what he may see
    const seen = await db
      .as('reader')
      .rows<{ name: string }>("SELECT name FROM system.tables WHERE database = 'lintel'");
    expect(seen.map(({ name }) => name)).to.have.members(viewDefinitions().map(({ name }) => name));
  });

  it('let the reader choose no memory and no time beyond the limit', async () => {
    expect(await code('reader', 'SELECT 1', { max_memory_usage: 10_000_000_000_000 })).to.equal(164);
    expect(await code('reader', 'SELECT 1', { max_execution_time: 65 })).to.equal(0);
    expect(await code('reader', 'SELECT 1', { max_execution_time: 66 })).to.equal(452);
  });

  it('let the reader run every view', async () => {
    for (const view of viewDefinitions()) {
      if (view.name === 'query_cost') continue;
      await db.views.rows(view.name, someParameters(view));
    }
  });

  it('let the reader see what dashboards cost, once the engine has written its log', async () => {
    const sql = 'SELECT 1 /* grafana_user:x grafana_dashboard:abc grafana_panel:3 */';
    await db.as('reader').command(sql);
    const view = viewDefinitions().find(({ name }) => name === 'query_cost')!;
    const parameters = { from: Date.now() - 60_000, to: Date.now() + 60_000 };
    expect(Object.keys(parameters)).to.have.members([...view.parameters.keys()]);
    let rows: { dashboard: string; panel: string; queries: number }[] = [];
    while (rows.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      // 60: the log does not exist yet
      rows = await db.views.rows<(typeof rows)[number]>(view.name, parameters).catch((error: unknown) => {
        if (error instanceof ClickHouseError && error.number === 60) return [];
        throw error;
      });
    }
    expect(rows[0]).to.include({ dashboard: 'abc', panel: '3', queries: 1 });
  });

  it('let the writer add and count its rows, and see nothing about a person', async () => {
    expect(await code('writer', 'SELECT count() FROM events WHERE batch = 1')).to.equal(0);
    expect(await code('writer', 'SELECT stream, seq, type, bot, ts FROM events')).to.equal(0);
    for (const sql of [
      'SELECT visitor FROM events',
      'SELECT path FROM events',
      'SELECT * FROM inquiries',
      'ALTER TABLE events DELETE WHERE 1',
      'DROP TABLE events',
      'TRUNCATE TABLE events',
      "SELECT * FROM file('x.csv')",
    ]) {
      expect(await code('writer', sql), sql).to.equal(DENIED);
    }
  });
});
