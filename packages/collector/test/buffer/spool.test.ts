import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  createRowWriter,
  openBuffer,
  type Buffer as MemberBuffer,
  type OpenBuffer,
} from '../../src/buffer/index.js';
import { systemClock } from '../../src/clock.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { startRedis, type RedisServer } from './support/redis-server.js';
import { aStream, fenceOf, LIMITS, readRows, rowsOf } from './support/units.js';
import { until } from './support/until.js';

/** ms; long against what a busy machine takes for a few calls: a Redis that is only slow must not look dead here. */
const QUIET_MS = 2_000;
const TIMEOUT_MS = 1_000;

describe('spool', function () {
  this.timeout(180_000);
  let server: RedisServer;
  let dataDir: string;
  let opened: OpenBuffer;

  const open = async (dir = dataDir): Promise<OpenBuffer> =>
    openBuffer({
      redisUrl: server.url,
      dataDir: dir,
      log: silentLog,
      metrics: createMetrics(),
      clock: systemClock,
      quietMs: QUIET_MS,
      probeMs: 50,
      redisTimeoutMs: TIMEOUT_MS,
    });
  const writerOf = (one: OpenBuffer) =>
    createRowWriter({
      buffer: one.buffer,
      clock: { now: () => Date.UTC(2026, 10, 25, 13) },
      metrics: createMetrics(),
      log: silentLog,
    });
  const redis = (): MemberBuffer => opened.buffers[0]!;
  const spool = (): MemberBuffer => opened.buffers[1]!;

  /** Flushes a buffer as far as it lets itself. @returns rows by whether their lane is in doubt */
  const flush = async (buffer: MemberBuffer): Promise<{ sure: string[]; doubtful: string[] }> => {
    const fence = await fenceOf(buffer);
    const rows = { sure: [] as string[], doubtful: [] as string[] };
    for (;;) {
      const sealed = await buffer.seal(LIMITS, fence);
      if (!sealed) return rows;
      for (const part of sealed.parts) {
        rows[part.lane.doubt ? 'doubtful' : 'sure'].push(...(await readRows(buffer, sealed, part)));
      }
      await buffer.commit(sealed, fence);
    }
  };
  const joined = () => until(() => opened.state() === 'redis');
  const accepted = async (): Promise<number> => (await opened.buffer.ledger()).get(1)?.accepted ?? 0;

  beforeEach(async () => {
    server = await startRedis();
    dataDir = mkdtempSync(join(tmpdir(), 'lintel-data-'));
    opened = await open();
  });
  afterEach(async () => {
    server.signal('SIGCONT');
    await opened.close();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('takes rows while Redis is dead, and hands them to the flush in doubt', async () => {
    const writer = writerOf(opened);
    expect(opened.state()).to.equal('redis');
    await writer.write(rowsOf(aStream(), 2));
    await server.kill();
    const stream = aStream();
    expect(await writer.write(rowsOf(stream, 3))).to.deep.equal(['stored', 'stored', 'stored']);
    expect(opened.state()).to.equal('spool');
    expect(await writer.write(rowsOf(stream, 4))).to.deep.equal([
      'duplicate',
      'duplicate',
      'duplicate',
      'stored',
    ]);
    expect(await flush(spool())).to.deep.equal({ sure: [], doubtful: [] });
    await until(async () => (await flush(spool())).doubtful.length === 4);
  });

  it('starts while Redis is dead, and joins it later', async () => {
    await opened.close();
    await server.kill();
    opened = await open();
    expect(opened.state()).to.equal('spool');
    const stream = aStream();
    await writerOf(opened).write(rowsOf(stream, 2));
    await server.start();
    await joined();
    expect(await writerOf(opened).write(rowsOf(stream, 3))).to.deep.equal([
      'duplicate',
      'duplicate',
      'stored',
    ]);
    expect(await accepted()).to.equal(3);
  });

  it('refuses in Redis what was spooled, also what was flushed from the spool meanwhile', async () => {
    const writer = writerOf(opened);
    await server.kill();
    const [flushed, waiting] = [aStream(), aStream()];
    await writer.write(rowsOf(flushed, 3));
    await until(async () => (await flush(spool())).doubtful.length === 3);
    await writer.write(rowsOf(waiting, 2));
    await server.start();
    await joined();
    expect(await writer.write([...rowsOf(flushed, 3), ...rowsOf(waiting, 3)])).to.deep.equal([
      ...Array<string>(5).fill('duplicate'),
      'stored',
    ]);
  });

  it('lets the spool go first, then what waited in Redis, in doubt, then the new rows without', async () => {
    const writer = writerOf(opened);
    const stream = aStream();
    const old = rowsOf(stream, 3);
    await writer.write(old);
    await server.kill();
    // the answer was lost: the client repeats, and the disk knows nothing of it
    expect(await writer.write(old)).to.deep.equal(['stored', 'stored', 'stored']);
    await server.start();
    await joined();
    const fresh = rowsOf(aStream(), 2);
    await writer.write(fresh);
    expect(await flush(redis())).to.deep.equal({ sure: [], doubtful: [] });
    const names = old.map(({ seq }) => `${stream}/${seq}`);
    expect(await flush(spool())).to.deep.equal({ sure: [], doubtful: names });
    await until(async () => {
      const rows = await flush(redis());
      if (rows.doubtful.length === 0) return false;
      expect(rows).to.deep.equal({ doubtful: names, sure: fresh.map((row) => `${row.stream}/${row.seq}`) });
      return true;
    });
  });

  it('puts a range in doubt that was open when Redis went away', async () => {
    const writer = writerOf(opened);
    const stream = aStream();
    await writer.write(rowsOf(stream, 3));
    const before = (await redis().seal(LIMITS, await fenceOf(redis())))!;
    expect(before.parts.map(({ lane }) => lane.doubt)).to.deep.equal([false]);
    await server.kill();
    await writer.write(rowsOf(stream, 3));
    await server.start();
    await joined();
    expect(await flush(spool())).to.deep.equal({ sure: [], doubtful: [] });
    const again = (await redis().seal(LIMITS, await fenceOf(redis())))!;
    expect(again.parts.map(({ batch, lane }) => [batch, lane.doubt])).to.deep.equal([
      [before.parts[0]!.batch, true],
    ]);
    await redis().commit(again, await fenceOf(redis()));
    expect((await flush(spool())).doubtful).to.have.length(3);
  });

  it('loses and doubles nothing of a stopped Redis that goes on later', async () => {
    const writer = writerOf(opened);
    server.signal('SIGSTOP');
    const rows = Array.from({ length: 20 }, () => rowsOf(aStream(), 5));
    const verdicts = await Promise.all(rows.map((own) => writer.write(own)));
    expect(verdicts.flat().every((verdict) => verdict === 'stored')).to.equal(true);
    expect(opened.state()).to.equal('spool');
    server.signal('SIGCONT');
    await joined();
    expect(
      (await Promise.all(rows.map((own) => writer.write(own)))).flat().every((one) => one === 'duplicate'),
    ).to.equal(true);
    const spooled = (await flush(spool())).doubtful;
    expect(new Set(spooled).size).to.equal(spooled.length);
    // what the stopped Redis had read before is there, too, but in doubt
    let left = { sure: [] as string[], doubtful: [] as string[] };
    await until(async () => {
      left = await flush(redis());
      return (await opened.buffer.depth()).rows === 0;
    });
    expect(left.sure).to.deep.equal([]);
    expect(new Set([...spooled, ...left.doubtful]).size).to.equal(100);
  });

  it('spools at once when Redis is full, and returns when there is room', async () => {
    const control = redis();
    const writer = writerOf(opened);
    await control.acquire(0, 'test', 15_000);
    await server.configure('maxmemory', '1mb');
    expect(await writer.write(rowsOf(aStream(), 3))).to.deep.equal(['stored', 'stored', 'stored']);
    expect(opened.state()).to.equal('spool');
    await server.configure('maxmemory', '0');
    await joined();
  });

  it('loses no connection reset: the repeat finds its own bits', async () => {
    const writer = writerOf(opened);
    let going = true;
    let sent = 0;
    const load = (async () => {
      while (going) {
        const rows = rowsOf(aStream(), 3);
        sent += 3;
        expect((await writer.write(rows)).length).to.equal(3);
      }
    })();
    for (let reset = 0; reset < 40; reset += 1) {
      await server.killClients();
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    going = false;
    await load;
    await joined();
    // the flusher's own connection was reset as well
    await until(async () => (await accepted().catch(() => 0)) >= sent);
    const rows: string[] = [];
    await until(async () => {
      rows.push(...(await flush(spool())).doubtful);
      const more = await flush(redis());
      rows.push(...more.sure, ...more.doubtful);
      return (await opened.buffer.depth()).rows === 0;
    });
    expect(new Set(rows).size).to.equal(sent);
  });

  it('holds what is in doubt until the spool of every other collector was flushed', async () => {
    const otherDir = mkdtempSync(join(tmpdir(), 'lintel-data-'));
    const other = await open(otherDir);
    try {
      const row = rowsOf(aStream(), 1);
      await writerOf(opened).write(row);
      await server.kill();
      await writerOf(opened).write(rowsOf(aStream(), 1));
      await writerOf(other).write(row);
      await server.start();
      await joined();
      await until(() => other.state() === 'redis');
      await flush(spool());
      expect(await flush(redis())).to.deep.equal({ sure: [], doubtful: [] });
      await until(async () => (await flush(other.buffers[1]!)).doubtful.length === 1);
      await until(async () => (await flush(redis())).doubtful.length === 1);
    } finally {
      await other.close();
      rmSync(otherDir, { recursive: true, force: true });
    }
  });

  it('drains what another mode left on the disk', async () => {
    await opened.close();
    const onDisk = await openBuffer({
      redisUrl: null,
      dataDir,
      log: silentLog,
      metrics: createMetrics(),
      clock: systemClock,
    });
    await writerOf(onDisk).write(rowsOf(aStream(), 2));
    await onDisk.close();
    opened = await open();
    expect((await flush(opened.buffers[2]!)).sure).to.have.length(2);
  });
});
