import { expect } from 'chai';

import { start, type EmbeddedClickHouse, type Role } from '../src/index.js';
import { freshDirectory } from './support/directory.js';
import { ask, statement } from './support/statement.js';

/** ClickHouse's codes. */
const ACCESS_DENIED = 497;
const OUT_OF_BOUNDS = 452;
const READONLY = 164;
const SESSIONS_EXCEEDED = 700;
const WRONG_PASSWORD = 516;
const NO_ACCESS_STORAGE = 514;

describe('users', () => {
  const { dir, remove } = freshDirectory();
  let server: EmbeddedClickHouse;
  const as = (role: Role, sql: string, parameters: Record<string, string> = {}) =>
    statement(server.url, server.credentials[role], sql, parameters);
  const migrate = (sql: string) => ask(server.url, server.credentials.migrator, sql);

  before(async () => {
    server = await start({ dir, httpPort: 0, tcpPort: 0, readerViews: ['answers'] });
    const columns =
      'site_id UInt16, ts DateTime, type String, stream UUID, seq UInt32, batch UInt64, bot UInt16';
    await migrate(`CREATE TABLE lintel.events (${columns}, path String) ENGINE = MergeTree ORDER BY ts`);
    await migrate('CREATE TABLE lintel.batches (n UInt8) ENGINE = MergeTree ORDER BY n');
    const rights = 'DEFINER = lintel_migrator SQL SECURITY DEFINER';
    const select = 'SELECT type, count() AS n FROM lintel.events WHERE site_id = {site:UInt16} GROUP BY type';
    await migrate(`CREATE VIEW lintel.answers ${rights} AS ${select}`);
    await migrate(`CREATE VIEW lintel.hidden ${rights} AS SELECT path FROM lintel.events`);
  });
  after(async () => {
    await server.stop();
    remove();
  });

  describe('writer', () => {
    it('inserts, and reads back which rows of a batch are there', async () => {
      const values = "(1, now(), 'click', '00000000-0000-4000-8000-000000000001', 0, 7, 0, '/secret')";
      expect((await as('writer', `INSERT INTO lintel.events VALUES ${values}`)).code).to.equal(0);
      expect((await as('writer', 'SELECT count() FROM lintel.events WHERE batch = 7')).text).to.equal('1');
    });
    it('reads nothing about a visitor', async () => {
      expect((await as('writer', 'SELECT path FROM lintel.events')).code).to.equal(ACCESS_DENIED);
    });
    it('changes no table', async () => {
      for (const sql of [
        'DROP TABLE lintel.events',
        'TRUNCATE TABLE lintel.events',
        'ALTER TABLE lintel.events ADD COLUMN x UInt8',
      ]) {
        expect((await as('writer', sql)).code, sql).to.equal(ACCESS_DENIED);
      }
    });
    it('finds and ends its own query', async () => {
      const running = as('writer', 'SELECT sleepEachRow(1) FROM numbers(30) SETTINGS max_block_size = 1', {
        query_id: 'mine',
      });
      while (
        (await as('writer', "SELECT count() FROM system.processes WHERE query_id = 'mine'")).text !== '1'
      );
      expect((await as('writer', "KILL QUERY WHERE query_id = 'mine' SYNC")).code).to.equal(0);
      expect((await running).code).to.equal(394);
    });
  });

  describe('reader', () => {
    it('reads the views it was given, with bound parameters', async () => {
      expect((await as('reader', 'SELECT * FROM lintel.answers(site = 1)')).text).to.equal('click\t1');
      const bound = await as('reader', 'SELECT * FROM lintel.answers(site = {s:UInt16})', { param_s: '1' });
      expect(bound.text).to.equal('click\t1');
    });
    it('reads nothing else', async () => {
      const files = [
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1/', 'LineAsString')",
      ];
      const tables = [
        'lintel.events',
        'lintel.batches',
        'lintel.hidden',
        'system.processes',
        'system.users',
        'system.parts',
      ];
      for (const sql of [...files, ...tables.map((table) => `SELECT * FROM ${table}`)]) {
        expect((await as('reader', sql)).code, sql).to.equal(ACCESS_DENIED);
      }
    });
    it('writes nothing', async () => {
      const insert = await as('reader', 'INSERT INTO lintel.batches VALUES (1)');
      expect([ACCESS_DENIED, READONLY]).to.include(insert.code);
      const create = await as('reader', 'CREATE TABLE lintel.mine (n UInt8) ENGINE = Memory');
      expect([ACCESS_DENIED, READONLY]).to.include(create.code);
    });
    it('may ask for 65 seconds, not for 66', async () => {
      expect((await as('reader', 'SELECT 1', { max_execution_time: '65' })).code).to.equal(0);
      expect((await as('reader', 'SELECT 1', { max_execution_time: '66' })).code).to.equal(OUT_OF_BOUNDS);
      expect((await as('reader', 'SELECT 1', { max_execution_time: '0' })).code).to.equal(OUT_OF_BOUNDS);
    });
    it('changes no other setting', async () => {
      for (const setting of [
        'max_memory_usage',
        'max_result_rows',
        'readonly',
        'max_concurrent_queries_for_user',
      ]) {
        expect((await as('reader', 'SELECT 1', { [setting]: '0' })).code, setting).to.equal(READONLY);
      }
    });
    it('sees no other table in the list of tables', async () => {
      const seen = await as('reader', "SELECT groupArray(name) FROM system.tables WHERE database = 'lintel'");
      expect(seen.text).to.equal("['answers']");
    });
  });

  describe('migrator', () => {
    it('shapes the database, and only it', async () => {
      expect(
        (await as('migrator', 'CREATE TABLE lintel.made (n UInt8) ENGINE = MergeTree ORDER BY n')).code,
      ).to.equal(0);
      expect((await as('migrator', 'DROP TABLE lintel.made')).code).to.equal(0);
      expect((await as('migrator', 'CREATE DATABASE elsewhere')).code).to.equal(ACCESS_DENIED);
      expect((await as('migrator', 'CREATE USER u')).code).to.be.oneOf([ACCESS_DENIED, NO_ACCESS_STORAGE]);
    });
  });

  describe('steward', () => {
    it('erases rows and makes copies under the backup directory', async () => {
      expect((await as('steward', "DELETE FROM lintel.events WHERE path = '/none'")).code).to.equal(0);
      const copy = await as('steward', "BACKUP TABLE lintel.batches TO File('copy')");
      expect(copy.code, copy.text).to.equal(0);
    });
    it('copies nothing to another place', async () => {
      expect(
        (await as('steward', "BACKUP TABLE lintel.batches TO File('/tmp/elsewhere')")).code,
      ).not.to.equal(0);
    });
    it('shapes no table', async () => {
      expect((await as('steward', 'DROP TABLE lintel.events')).code).to.equal(ACCESS_DENIED);
      expect(
        (await as('steward', 'CREATE TABLE lintel.mine (n UInt8) ENGINE = MergeTree ORDER BY n')).code,
      ).to.equal(ACCESS_DENIED);
    });
  });

  it('lets nobody else in', async () => {
    const open = await statement(server.url, { user: 'default', password: '' }, 'SELECT 1');
    expect(open.code).to.equal(SESSIONS_EXCEEDED);
    const wrong = await statement(server.url, { ...server.credentials.reader, password: 'x' }, 'SELECT 1');
    expect(wrong.code).to.equal(WRONG_PASSWORD);
  });
});
