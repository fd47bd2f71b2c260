import { expect } from 'chai';

import { start, type EmbeddedClickHouse, type EngineEvent } from '../src/index.js';
import { freshDirectory } from './support/directory.js';
import { isRunning } from './support/processes.js';
import { ask } from './support/statement.js';
import { until } from './support/until.js';

describe('recovery', () => {
  const { dir, remove } = freshDirectory();
  const events: EngineEvent[] = [];
  let server: EmbeddedClickHouse;
  const query = (sql: string) => ask(server.url, server.credentials.migrator, sql);

  before(async () => {
    server = await start({ dir, httpPort: 0, tcpPort: 0, onEvent: (event) => events.push(event) });
    await query(
      'CREATE TABLE lintel.kept (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS fsync_after_insert = 1',
    );
  });
  after(async () => {
    await server.stop();
    remove();
  });
  beforeEach(() => {
    events.length = 0;
  });

  const killed = async (): Promise<number> => {
    const pid = server.pid()!;
    process.kill(pid, 'SIGKILL');
    await until('the engine came back', () => server.pid() !== null && server.pid() !== pid);
    return pid;
  };

  it('replaces a killed engine on the same ports, with all answered data', async () => {
    let answered = 0;
    for (; answered < 20; answered++) await query(`INSERT INTO lintel.kept VALUES (${answered})`);
    const before = server.restarts();
    const pid = await killed();
    expect(await query('SELECT count(), sum(n) FROM lintel.kept')).to.equal(`${answered}\t190`);
    expect(server.restarts()).to.equal(before + 1);
    expect(isRunning(pid)).to.equal(false);
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).to.deep.equal(['exited', 'restarting', 'ready']);
    expect(events[0]).to.include({ kind: 'exited', pid, signal: 'SIGKILL', exitCode: null });
  });

  it('waits longer before each restart that follows on another', async () => {
    await killed();
    await killed();
    const delays = events.flatMap((event) => (event.kind === 'restarting' ? [event.delayMs] : []));
    expect(delays).to.deep.equal([500, 1000]);
  });

  it('kills and replaces an engine that is alive but silent', async () => {
    const pid = server.pid()!;
    process.kill(pid, 'SIGSTOP');
    const hung = await until('hung', () => events.find((event) => event.kind === 'hung'));
    expect(hung).to.deep.include({ kind: 'hung', pid, missedPings: 5 });
    await until('the engine came back', () => server.pid() !== null && server.pid() !== pid);
    expect(isRunning(pid)).to.equal(false);
    expect(await query('SELECT count() FROM lintel.kept')).to.equal('20');
  });
});
