import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBuffer, type OpenBuffer } from '../../src/buffer/index.js';
import { systemClock } from '../../src/clock.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { flushInto, names, newTable, startLoad, writerOf, type Load } from './support/load.js';
import { startTcpProxy, type TcpProxy } from './support/proxy.js';
import { startRedis, type RedisServer } from './support/redis-server.js';
import { aStream, rowsOf } from './support/units.js';
import { until } from './support/until.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('Redis that misbehaves', function () {
  this.timeout(180_000);
  let dataDir: string;
  const servers: RedisServer[] = [];
  let opened: OpenBuffer;
  let proxy: TcpProxy | null = null;

  const redis = async (settings: readonly string[] = [], dir?: string): Promise<RedisServer> => {
    const server = await startRedis(settings, dir);
    servers.push(server);
    return server;
  };
  const open = async (redisUrl: string, redisTimeoutMs = 250): Promise<void> => {
    opened = await openBuffer({
      redisUrl,
      dataDir,
      log: silentLog,
      metrics: createMetrics(),
      clock: systemClock,
      quietMs: 600,
      probeMs: 50,
      beatMs: 200,
      redisTimeoutMs,
    });
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'lintel-data-'));
  });
  afterEach(async () => {
    await opened.close();
    for (const server of servers.splice(0)) await server.stop();
    await proxy?.close();
    proxy = null;
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Flushes until nothing is left, and compares with what was acknowledged. */
  const expectExact = async (load: Load): Promise<void> => {
    const table = newTable();
    await until(async () => {
      await flushInto(table, opened.buffers);
      return (await opened.buffer.depth()).rows === 0;
    });
    expect(load.failed).to.equal(0);
    expect(table.doubled).to.deep.equal([]);
    const acknowledged = names(load.acknowledged);
    expect(acknowledged.length).to.be.greaterThan(50);
    expect(acknowledged.filter((row) => !table.rows.has(row))).to.deep.equal([]);
    expect(table.rows.size).to.equal(acknowledged.length);
  };

  it('repeats a call whose answer was lost, and stores its rows once, in Redis', async () => {
    const server = await redis();
    proxy = await startTcpProxy(server.port);
    await open(proxy.url, 5000);
    const writer = writerOf(opened);
    await writer.write(rowsOf(aStream(), 2));
    proxy.loseAnswerTo('_append');
    expect(await writer.write(rowsOf(aStream(), 3))).to.deep.equal(['stored', 'stored', 'stored']);
    expect(proxy.lost).to.equal(1);
    expect(opened.state()).to.equal('redis');
    expect((await opened.buffers[0]!.depth()).rows).to.equal(5);
    expect((await opened.buffers[1]!.depth()).rows).to.equal(0);
  });

  for (const [delayMs, expected] of [
    [20, 'redis'],
    [500, 'spool'],
  ] as const) {
    it(`${expected === 'redis' ? 'waits for' : 'leaves'} a Redis that is ${delayMs} ms slow, and doubles nothing`, async () => {
      const server = await redis();
      proxy = await startTcpProxy(server.port);
      await open(proxy.url, expected === 'redis' ? 2000 : 250);
      const load = startLoad(opened);
      await pause(200);
      proxy.delayMs = delayMs;
      await (expected === 'redis' ? pause(700) : until(() => opened.state() === 'spool'));
      await pause(300);
      expect(opened.state()).to.equal(expected);
      proxy.delayMs = 0;
      await until(() => opened.state() === 'redis');
      await pause(200);
      await load.stop();
      await expectExact(load);
    });
  }

  it('loses and doubles nothing over kills of Redis under load, flushed all the while', async () => {
    const server = await redis();
    await open(server.url);
    const load = startLoad(opened);
    const table = newTable();
    for (let kill = 0; kill < 3; kill += 1) {
      await pause(200);
      await flushInto(table, opened.buffers);
      await server.kill();
      await until(() => opened.state() === 'spool');
      // longer than `quietMs` every other time: the spool is flushed while Redis is away
      await pause(kill % 2 === 0 ? 100 : 900);
      await flushInto(table, opened.buffers.slice(1));
      await server.start();
      await until(() => opened.state() === 'redis');
    }
    await load.stop();
    await until(async () => {
      await flushInto(table, opened.buffers);
      return (await opened.buffer.depth()).rows === 0;
    });
    const acknowledged = names(load.acknowledged);
    expect(load.failed).to.equal(0);
    expect(table.doubled).to.deep.equal([]);
    expect(acknowledged.filter((row) => !table.rows.has(row))).to.deep.equal([]);
    expect(table.rows.size).to.equal(acknowledged.length);
    const counts = (await opened.buffer.ledger()).get(1)!;
    expect(counts.accepted).to.equal(counts.committed);
  });

  it('loses nothing when Redis is killed while its disk is slow and its log waits in its memory', async function () {
    if (spawnSync('strace', ['-V']).status !== 0) this.skip();
    const server = await redis();
    await open(server.url);
    const args = ['-f', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:delay_enter=1500000'];
    const slow = spawn('strace', [...args, '-o', '/dev/null', '-p', String(server.pid())], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const over = once(slow, 'exit');
    await once(slow.stderr, 'data'); // "Process … attached"
    const load = startLoad(opened);
    try {
      // a sync begins with the first rows, and what follows waits behind it
      await until(() => load.acknowledged.length > 50);
      await pause(700);
      await server.kill();
    } finally {
      slow.kill('SIGKILL');
      await over;
    }
    await until(() => opened.state() === 'spool');
    await server.start();
    await until(() => opened.state() === 'redis');
    await load.stop();
    await expectExact(load);
  });

  it('spools while Redis is full (OOM), and refuses nobody', async () => {
    const server = await redis(['--maxmemory', '8mb']);
    await open(server.url);
    // many at once: the writer sends few units of many rows
    const load = startLoad(opened, 128, 0);
    await until(() => opened.state() === 'spool');
    await pause(300);
    await load.stop();
    await expectExact(load);
  });

  it('spools before Redis is full to the brim, and returns when it was drained', async () => {
    const server = await redis(['--maxmemory', '8mb']);
    await open(server.url);
    const writer = writerOf(opened);
    /** No compression makes it less. */
    const heavyRows = (count: number) => {
      const stream = aStream();
      return rowsOf(stream, count).map((row) => ({
        ...row,
        json: JSON.stringify({ stream, seq: row.seq, more: randomBytes(750).toString('base64') }),
      }));
    };
    let most = 0;
    // as ingest does: it asks how full the buffer is, and writes only while there is room
    await until(async () => {
      const fill = await opened.buffer.fill();
      most = Math.max(most, fill);
      if (fill < 0.99) await writer.write(heavyRows(fill < 0.9 ? 50 : 3));
      return opened.state() === 'spool';
    });
    expect(most).to.be.within(0.9, 0.99);
    expect(await opened.buffer.fill()).to.be.lessThan(0.01);
    const stream = aStream();
    expect(await writer.write(rowsOf(stream, 2))).to.deep.equal(['stored', 'stored']);
    const table = newTable();
    await until(async () => {
      await flushInto(table, opened.buffers);
      return opened.state() === 'redis' && (await opened.buffer.depth()).rows === 0;
    });
    expect(table.rows.has(`${stream}/1`)).to.equal(true);
    expect(table.doubled).to.deep.equal([]);
  });

  it('spools while Redis cannot write its log (MISCONF)', async function () {
    const dir = mkdtempSync(join(tmpdir(), 'lintel-small-'));
    const mounted =
      process.getuid?.() === 0 &&
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]).status === 0;
    try {
      const server = await redis(['--auto-aof-rewrite-percentage', '0'], mounted ? dir : undefined);
      await open(server.url);
      if (!mounted) {
        console.log('      not run: needs root and the right to mount a tmpfs');
        this.skip();
      }
      const load = startLoad(opened, 16, 0);
      await until(() => opened.state() === 'spool');
      await load.stop();
      expect(load.failed).to.equal(0);
      expect((await opened.buffers[1]!.depth()).rows).to.be.greaterThan(0);
    } finally {
      for (const server of servers.splice(0)) await server.stop();
      if (mounted) spawnSync('umount', ['-l', dir]);
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('acknowledges nothing that only the master has: a stopped replica means the spool', async () => {
    const master = await redis();
    const replica = await redis(['--replicaof', '127.0.0.1', String(master.port)]);
    await until(async () => (await replica.info()).includes('master_link_status:up'));
    await open(master.url);
    const writer = writerOf(opened);
    await writer.write(rowsOf(aStream(), 2));
    expect((await replica.info()).match(/master_link_status:(\w+)/)?.[1]).to.equal('up');
    expect((await opened.buffers[1]!.depth()).rows).to.equal(0);
    replica.signal('SIGSTOP');
    const rows = rowsOf(aStream(), 3);
    expect(await writer.write(rows)).to.deep.equal(['stored', 'stored', 'stored']);
    expect((await opened.buffers[1]!.depth()).rows).to.equal(3);
    // nor does it return to a master whose replica has not heard what was spooled
    for (let probe = 0; probe < 20; probe += 1) {
      expect(opened.state()).to.equal('spool');
      await pause(50);
    }
    replica.signal('SIGCONT');
    await until(() => opened.state() === 'redis');
    expect(await writer.write(rows)).to.deep.equal(['duplicate', 'duplicate', 'duplicate']);
  });

  it('finds on the promoted replica what was acknowledged', async () => {
    const master = await redis();
    const replica = await redis(['--replicaof', '127.0.0.1', String(master.port)]);
    await until(async () => (await replica.info()).includes('master_link_status:up'));
    proxy = await startTcpProxy(master.port);
    await open(proxy.url);
    const load = startLoad(opened);
    await pause(500);
    await master.kill();
    await until(() => opened.state() === 'spool');
    await replica.promote();
    proxy.target(replica.port);
    await until(() => opened.state() === 'redis');
    await pause(200);
    await load.stop();
    await expectExact(load);
  });
});
