import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openBuffer } from '../../src/buffer/index.js';
import { systemClock } from '../../src/clock.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { aBatch, anEvent, send } from './support.js';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const SITE = { id: 7, key: 'pk_test', origins: ['*'] };

describe('ingest processes', function () {
  this.timeout(180_000);
  let child: ChildProcess;
  let dataDir: string;
  let port: number;

  beforeEach(async function () {
    if (!existsSync('/proc/self/task')) this.skip();
    dataDir = mkdtempSync(join(tmpdir(), 'lintel-workers-'));
    child = spawn(process.execPath, ['--import=tsx', '--conditions=source', MAIN], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        LINTEL_INGEST_PROCESSES: '2',
        LINTEL_PUBLIC_PORT: '0',
        LINTEL_ADMIN_PORT: '0',
        LINTEL_DATA_DIR: dataDir,
        LINTEL_SITES: JSON.stringify([SITE]),
        // nobody there: intake does not need a database
        LINTEL_CLICKHOUSE_URL: 'http://127.0.0.1:9',
        LINTEL_CLICKHOUSE_PASSWORD: 'x',
        LINTEL_LOG_LEVEL: 'info',
      },
    });
    for await (const line of createInterface({ input: child.stdout! })) {
      const said = JSON.parse(line) as { message: string; public?: string };
      if (said.message !== 'collector.listening') continue;
      port = Number(new URL(said.public!).port);
      break;
    }
    child.stdout!.resume();
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const workers = (): number[] =>
    readFileSync(`/proc/${child.pid!}/task/${child.pid!}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number)
      // a loader may keep a helper process of its own
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('main.ts'));

  it('share one port, die one by one under load and lose nothing; the parent restarts them', async () => {
    const first = workers();
    expect(first).to.have.length(2);
    const sent = 300;
    let accepted = 0;
    let repeats = 0;
    const post = async (): Promise<void> => {
      const body = JSON.stringify(
        aBatch({
          stream: randomUUID(),
          sentAt: Date.now(),
          events: [0, 1, 2].map((seq) => anEvent({ seq, at: Date.now() })),
        }),
      );
      for (;;) {
        const reply = await send(port, { body }).catch(() => null);
        if (reply?.status === 202) {
          accepted += reply.json.accepted!;
          return;
        }
        repeats += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    let done = 0;
    const senders = Array.from({ length: 8 }, async () => {
      while (done < sent) {
        done += 1;
        if (done === 60) process.kill(first[0]!, 'SIGKILL');
        if (done === 180) process.kill(first[1]!, 'SIGKILL');
        await post();
      }
    });
    await Promise.all(senders);
    expect(accepted).to.be.at.most(3 * done);
    while (workers().length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(workers()).not.to.include.members(first);

    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).to.equal(0);
    const { buffer, close } = await openBuffer({
      redisUrl: null,
      dataDir,
      log: silentLog,
      metrics: createMetrics(),
      clock: systemClock,
    });
    // every event once: what a killed worker had stored before its answer came back as a duplicate
    expect((await buffer.ledger()).get(7)?.accepted).to.equal(3 * done);
    await close();
    expect(repeats).to.be.at.least(0);
  });
});
