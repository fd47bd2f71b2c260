import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

import { start, type EmbeddedClickHouse } from '../src/index.js';
import { freshDirectory } from './support/directory.js';
import { ask, statement } from './support/statement.js';
import { until } from './support/until.js';

describe('start', () => {
  const { dir, remove } = freshDirectory();
  let server: EmbeddedClickHouse;

  before(async () => {
    server = await start({ dir, httpPort: 0, tcpPort: 0, memoryBytes: 1_500_000_000 });
  });
  after(async () => {
    await server.stop();
    remove();
  });

  it('chooses free ports for 0 and answers SQL over HTTP', async () => {
    expect(server.httpPort).to.be.greaterThan(0);
    expect(server.tcpPort).to.be.greaterThan(0).and.not.equal(server.httpPort);
    expect(server.url).to.equal(`http://127.0.0.1:${server.httpPort}`);
    expect(
      await ask(server.url, server.credentials.migrator, 'SELECT sum(number) FROM numbers(10)'),
    ).to.equal('45');
  });

  it('makes the database and keeps what is asked of it in its own directory', async () => {
    const { migrator } = server.credentials;
    await ask(server.url, migrator, 'CREATE TABLE lintel.t (n UInt8) ENGINE = MergeTree ORDER BY n');
    const where = await ask(server.url, migrator, "SELECT data_paths[1] FROM system.tables WHERE name = 't'");
    expect(where.startsWith(path.join(dir, 'data'))).to.equal(true);
  });

  it('limits the memory of the engine', async () => {
    const answer = await statement(
      server.url,
      server.credentials.migrator,
      "SELECT length(groupArray(repeat('x', 1000000))) FROM numbers(4000)",
      { max_memory_usage: '0' },
    );
    expect(answer.code).to.equal(241);
  });

  it('lets what takes events in have the processor first', () => {
    const { engine } = JSON.parse(readFileSync(path.join(dir, 'owner.json'), 'utf8')) as {
      engine: { pid: number };
    };
    const tasks = `/proc/${engine.pid}/task`;
    const niceOf = (thread: string): number[] =>
      readdirSync(tasks)
        .map((id) => readFileSync(path.join(tasks, id, 'stat'), 'utf8'))
        .filter((stat) => stat.includes(`(${thread})`))
        .map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]));
    for (const thread of ['HTTPHandler', 'MergeMutate']) {
      expect(new Set(niceOf(thread)), thread).to.deep.equal(new Set([5]));
    }
  });

  it('keeps passwords and settings from other users of the machine', () => {
    for (const file of ['credentials.json', 'users.xml', 'users.d/lintel.xml', 'config.xml', 'owner.json']) {
      expect(statSync(path.join(dir, file)).mode & 0o077, file).to.equal(0);
    }
    for (const file of ['users.xml', 'users.d/lintel.xml']) {
      for (const { password } of Object.values(server.credentials)) {
        expect(readFileSync(path.join(dir, file), 'utf8'), file).not.to.include(password);
      }
    }
  });

  it('writes no system log that fills the disk', async () => {
    const { migrator } = server.credentials;
    await ask(server.url, migrator, 'SELECT 1');
    const loud = ['metric_log', 'asynchronous_metric_log', 'text_log', 'trace_log', 'processors_profile_log'];
    const names = [...loud, 'query_log'].map((name) => `'${name}'`).join();
    const tables = `SELECT groupArray(name) FROM system.tables WHERE database = 'system' AND name IN (${names})`;
    // The query log comes with its first flush, so its presence shows that the others had their chance.
    await until('query_log exists', async () => (await ask(server.url, migrator, tables)) !== '[]');
    expect(await ask(server.url, migrator, tables)).to.equal("['query_log']");
  });
});
