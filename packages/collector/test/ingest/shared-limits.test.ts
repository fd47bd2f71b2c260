import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { Exchange } from '../../src/ingest/exchange.js';
import { openRedisExchange } from '../../src/ingest/index.js';
import { silentLog } from '../../src/log.js';
import { startRedis, type RedisServer } from '../buffer/support/redis-server.js';
import { aBatch, send, startIngest, type Ingest } from './support.js';

const FLOODER = '203.0.113.7';
const PER_SECOND = 20;
const BURST = 40;
const RATES = { key: { perSecond: 1e6, burst: 1e6 }, address: { perSecond: PER_SECOND, burst: BURST } };

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('limits of two ingest processes on one Redis', function () {
  this.timeout(120_000);
  let redis: RedisServer;
  let ingests: Ingest[] = [];
  let exchanges: Exchange[] = [];
  let said: string[] = [];
  const agent = new Agent({ keepAlive: true });

  const told = (event: string): number => said.filter((one) => one === event).length;
  const until = async (event: string, count: number): Promise<void> => {
    while (told(event) < count) await sleep(10);
  };

  beforeEach(async () => {
    redis = await startRedis();
    said = [];
    const note = (event: string) => void said.push(event);
    exchanges = [0, 1].map(() => openRedisExchange(redis.url, { ...silentLog, info: note, warn: note }));
    ingests = await Promise.all(
      exchanges.map((exchange) =>
        startIngest({ trustProxy: 1, rates: RATES, exchange, clock: { now: () => Date.now() } }),
      ),
    );
    await until('limits.shared', 2);
  });
  afterEach(async () => {
    for (const ingest of ingests) await ingest.close();
    for (const exchange of exchanges) exchange.close();
    await redis.stop();
  });
  after(() => agent.destroy());

  /** Requests that both let pass to one address that tries far more, and the seconds that took. */
  const flood = async (seconds: number): Promise<{ passed: number; seconds: number }> => {
    const started = performance.now();
    let passed = 0;
    const body = JSON.stringify(aBatch({ sentAt: Date.now(), events: [] }));
    const one = async ({ port }: Ingest): Promise<void> => {
      while (performance.now() - started < seconds * 1000) {
        const { status } = await send(port, { body, agent, headers: { 'x-forwarded-for': FLOODER } });
        expect(status).to.be.oneOf([202, 429]);
        if (status === 202) passed += 1;
        await sleep(3);
      }
    };
    await Promise.all(ingests.map(one));
    return { passed, seconds: (performance.now() - started) / 1000 };
  };

  it('are one rate; without Redis each has its own, and events are taken; then one again', async () => {
    const shared = await flood(8);
    const one = BURST + PER_SECOND * shared.seconds;
    expect(shared.passed, 'together').to.be.within(one - 3 * PER_SECOND, one + 3 * PER_SECOND);

    await redis.kill();
    await until('limits.local_only', 2);
    // what they owed each other is paid by then
    await sleep((BURST / PER_SECOND + 3) * 1000);
    const alone = await flood(6);
    const two = 2 * (BURST + PER_SECOND * alone.seconds);
    expect(alone.passed, 'each alone').to.be.within(two - 3 * PER_SECOND, two + 2);

    await redis.start();
    await until('limits.shared', 4);
    await sleep((BURST / PER_SECOND + 1) * 1000);
    const again = await flood(8);
    expect(again.passed, 'together again').to.be.below(BURST + PER_SECOND * (again.seconds + 2));
  });

  it('do not wait for a Redis that is stopped, and are shared again when it goes on', async () => {
    redis.signal('SIGSTOP');
    const { passed, seconds } = await flood(4);
    expect(passed).to.be.within(BURST, 2 * (BURST + PER_SECOND * seconds) + 2);
    await flood(4);
    await until('limits.local_only', 2);
    redis.signal('SIGCONT');
    await until('limits.shared', 4);
    const again = await flood(8);
    expect(again.passed).to.be.below(BURST + PER_SECOND * (again.seconds + 2));
  });

  it('never tell an address, and leave nothing in Redis or its log', async () => {
    const listener = new Redis(redis.url);
    const heard: string[] = [];
    listener.on('message', (_channel, message) => heard.push(message));
    await listener.subscribe('lintel:limits');
    await flood(3);
    listener.disconnect();
    expect(heard.length).to.be.within(2, 10);
    for (const message of heard) {
      expect(message).not.to.contain('203.0');
      expect(JSON.parse(message)).to.have.property('taken').that.is.an('array').and.is.not.empty;
    }
    const reader = new Redis(redis.url);
    expect(await reader.dbsize()).to.equal(0);
    reader.disconnect();
    const name = /"(a[\w-]{11})"/.exec(heard.join(''))![1]!;
    for (const file of filesUnder(redis.dir)) {
      expect(readFileSync(file, 'latin1'), file).not.to.contain(name).and.not.to.contain('203.0.113');
    }
  });

  it('do not follow what is no message of ours', async () => {
    const writer = new Redis(redis.url);
    const messages = [
      'no json',
      'null',
      '{"from":"x"}',
      '{"from":"x","taken":[["a",-5]]}',
      '{"from":"x","taken":[["a",1e300]]}',
      '{"from":"x","taken":[[{},5]]}',
      `{"from":"x","taken":[["a${'x'.repeat(500)}",5]]}`,
      JSON.stringify({ from: 'x', taken: Array.from({ length: 5000 }, (_, n) => [`a${n}`, 1]) }),
      JSON.stringify({ from: 'x', taken: [['zsomebody', 5]] }),
    ];
    for (const message of messages) await writer.publish('lintel:limits', message);
    writer.disconnect();
    const { passed, seconds } = await flood(2);
    expect(passed).to.be.at.least(BURST + PER_SECOND * (seconds - 2));
    expect(ingests.flatMap(({ errors }) => errors)).to.deep.equal([]);
  });
});

describe('limits of the workers of one parent, without Redis', function () {
  this.timeout(120_000);
  const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  let child: ChildProcess;
  let dataDir: string;
  let port = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });

  before(async function () {
    if (!existsSync('/proc/self/task')) this.skip();
    dataDir = mkdtempSync(join(tmpdir(), 'lintel-limits-'));
    child = spawn(process.execPath, ['--import=tsx', '--conditions=source', MAIN], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        LINTEL_INGEST_PROCESSES: '2',
        LINTEL_PUBLIC_PORT: '0',
        LINTEL_ADMIN_PORT: '0',
        LINTEL_DATA_DIR: dataDir,
        LINTEL_SITES: JSON.stringify([{ id: 7, key: 'pk_test', origins: ['*'] }]),
        LINTEL_TRUST_PROXY: '1',
        // nobody there: intake does not need a database
        LINTEL_CLICKHOUSE_URL: 'http://127.0.0.1:9',
        LINTEL_CLICKHOUSE_PASSWORD: 'x',
      },
    });
    let listening = 0;
    for await (const line of createInterface({ input: child.stdout! })) {
      const { message, public: url } = JSON.parse(line) as { message: string; public?: string };
      if (message === 'ingest.listening') listening += 1;
      if (message === 'collector.listening') port = Number(new URL(url!).port);
      if (listening === 2 && port > 0) break;
    }
    child.stdout!.resume();
  });
  after(async () => {
    agent.destroy();
    if (!child) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('are one rate', async () => {
    const started = performance.now();
    let passed = 0;
    let refused = 0;
    const body = JSON.stringify(aBatch({ sentAt: Date.now(), events: [] }));
    const one = async (): Promise<void> => {
      while (performance.now() - started < 12_000) {
        const { status } = await send(port, { body, agent, headers: { 'x-forwarded-for': FLOODER } });
        if (status === 202) passed += 1;
        if (status === 429) refused += 1;
      }
    };
    await Promise.all(Array.from({ length: 16 }, one));
    const seconds = (performance.now() - started) / 1000;
    // each alone would let 2,000 and 400 a second pass
    expect(passed).to.be.below(1000 + 200 * (seconds + 2));
    expect(refused).to.be.above(passed);
  });
});
