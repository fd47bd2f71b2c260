import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

import { start, type EmbeddedClickHouse, type EngineEvent } from '../src/index.js';
import { freshDirectory } from './support/directory.js';
import { isRunning } from './support/processes.js';
import { ask, statement } from './support/statement.js';
import { until } from './support/until.js';

describe('stop', () => {
  const { dir, remove } = freshDirectory();
  const events: EngineEvent[] = [];
  const begin = () => start({ dir, httpPort: 0, tcpPort: 0, onEvent: (event) => events.push(event) });
  after(remove);
  beforeEach(() => {
    events.length = 0;
  });

  /** Starts a query that takes `seconds` and waits until the engine works on it. */
  const startQuery = async (server: EmbeddedClickHouse, seconds: number) => {
    const { migrator } = server.credentials;
    const sql = `SELECT sum(sleepEachRow(1)), count() FROM numbers(${seconds}) SETTINGS max_block_size = 1`;
    const answer = statement(server.url, migrator, sql, { query_id: 'slow' }).then(
      ({ text }) => text,
      () => 'cut off',
    );
    const seen = "SELECT count() FROM system.processes WHERE query_id = 'slow'";
    await until('the query runs', async () => (await ask(server.url, migrator, seen)) === '1');
    // Wrapped: an answer that is awaited with its start would be no start.
    return { answer };
  };

  it('lets running queries end, takes no new ones, frees the directory', async () => {
    const server = await begin();
    const { migrator } = server.credentials;
    const pid = server.pid()!;
    const { answer } = await startQuery(server, 2);
    const stopped = server.stop();
    await until('nobody is let in', () =>
      ask(server.url, migrator, 'SELECT 1').then(
        () => false,
        () => true,
      ),
    );
    expect(await answer).to.equal('0\t2');
    await stopped;
    expect(isRunning(pid)).to.equal(false);
    expect(server.pid()).to.equal(null);
    expect(existsSync(path.join(dir, 'owner.json'))).to.equal(false);
    expect(events.at(-1)).to.include({ kind: 'stopped', interruptedQueries: 0 });
  });

  it('cuts off what takes longer than five seconds, and says so', async () => {
    const server = await begin();
    const { answer } = await startQuery(server, 60);
    await server.stop();
    expect(await answer).to.equal('cut off');
    expect(events.at(-1)).to.include({ kind: 'stopped', interruptedQueries: 1 });
  });

  it('keeps what was written before it', async () => {
    let server = await begin();
    await ask(
      server.url,
      server.credentials.migrator,
      'CREATE TABLE lintel.t (n UInt8) ENGINE = MergeTree ORDER BY n',
    );
    await ask(server.url, server.credentials.migrator, 'INSERT INTO lintel.t VALUES (1), (2)');
    const { credentials } = server;
    await server.stop();
    server = await begin();
    expect(server.credentials).to.deep.equal(credentials);
    expect(await ask(server.url, credentials.migrator, 'SELECT count() FROM lintel.t')).to.equal('2');
    await server.stop();
  });

  it('leaves logs with which the next engine can go on', async () => {
    let server = await begin();
    const { migrator } = server.credentials;
    await ask(server.url, migrator, 'SELECT 1');
    await server.stop();
    server = await begin();
    await ask(server.url, migrator, 'SELECT 1', { query_id: 'second' });
    const logged = "SELECT count() FROM system.query_log WHERE query_id = 'second'";
    const seen = () => ask(server.url, migrator, logged).catch(() => '0');
    await until('the query is logged', async () => (await seen()) !== '0', 20_000);
    await server.stop();
    expect(readFileSync(path.join(dir, 'logs', 'clickhouse.log'), 'utf8')).not.to.include('already exists');
  });

  it('ends an engine that is stopped or being replaced, and may be called twice', async () => {
    const server = await begin();
    process.kill(server.pid()!, 'SIGSTOP');
    const pid = server.pid()!;
    await Promise.all([server.stop(), server.stop()]);
    expect(isRunning(pid)).to.equal(false);

    const second = await begin();
    process.kill(second.pid()!, 'SIGKILL');
    await until('it is being replaced', () => events.find(({ kind }) => kind === 'restarting'));
    await second.stop();
    expect(second.pid()).to.equal(null);
    expect(existsSync(path.join(dir, 'owner.json'))).to.equal(false);
  });
});
