import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openDisk } from '../../src/buffer/disk.js';
import type { Buffer as MemberBuffer } from '../../src/buffer/index.js';
import { systemClock } from '../../src/clock.js';
import { silentLog } from '../../src/log.js';
import { live, ROWS, tableRows } from './support/life.js';
import { redisSubject } from './support/subjects.js';

const CHILD = fileURLToPath(new URL('./support/life-child.ts', import.meta.url));

/** @returns true when the child was killed, false when it ended by itself */
const runUntilKilled = (...args: string[]): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--conditions', 'source', CHILD, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text) => (said += String(text)));
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`the child ended with ${code}: ${said}`));
    });
  });

const expectWhole = async (buffer: MemberBuffer, table: string): Promise<void> => {
  await live(buffer, table, (_name, call) => call());
  const rows = tableRows(table);
  expect(new Set(rows).size).to.equal(rows.length);
  expect(rows.length).to.equal(ROWS);
  expect(await buffer.depth()).to.deep.equal({ members: 0, rows: 0, bytes: 0 });
  expect((await buffer.ledger()).get(1)).to.deep.equal({ accepted: ROWS, committed: ROWS, known: 0 });
};

describe('buffer, killed between and within its calls', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lintel-kill-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const mode of ['before', 'during'] as const) {
    it(`keeps every row once on disk (${mode} each call)`, async () => {
      let killed = 0;
      for (let n = 1; ; n += 1) {
        const [dir, table] = [join(folder, `buffer-${n}`), join(folder, `table-${n}`)];
        if (!(await runUntilKilled('disk', dir, table, mode, String(n)))) break;
        killed = n;
        const buffer = openDisk({
          dir,
          clock: systemClock,
          log: silentLog,
          seenTtlMs: 86_400_000,
          reserveBytes: 0,
        });
        await expectWhole(buffer, table);
        await buffer.close();
      }
      expect(killed).to.be.greaterThan(15);
    });

    it(`keeps every row once in Redis (${mode} each call)`, async () => {
      const subject = await redisSubject();
      let killed = 0;
      try {
        for (let n = 1; ; n += 1) {
          const table = join(folder, `table-${n}`);
          if (!(await runUntilKilled('redis', subject.url, table, mode, String(n)))) break;
          killed = n;
          const buffer = await subject.open();
          await expectWhole(buffer, table);
          await buffer.close();
          await subject.clear();
        }
      } finally {
        await subject.end();
      }
      expect(killed).to.be.greaterThan(15);
    });
  }
});
