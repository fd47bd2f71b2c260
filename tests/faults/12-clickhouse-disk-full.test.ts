import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  countEvents,
  openPipeline,
  startDatabase,
  until,
  type TestDatabase,
} from '../../packages/collector/test/flush/support/pipeline.js';
import { aRun, aUnit } from '../../packages/collector/test/flush/support/rows.js';
import { describeLong } from '../support/scale.js';

const SIZE_MB = 120;

describeLong('12 the disk of ClickHouse is full', () => {
  let dir: string;
  let database: TestDatabase;

  before(async function () {
    dir = mkdtempSync(join(tmpdir(), 'lintel-full-'));
    mkdirSync(join(dir, 'disk'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', join(dir, 'disk')]);
    if (mounted.status !== 0) {
      console.log('    not run: mounting a small file system needs root');
      rmSync(dir, { recursive: true });
      this.skip();
    }
    database = await startDatabase(join(dir, 'disk'));
  });
  after(async () => {
    await database?.stop();
    spawnSync('umount', [join(dir, 'disk')]);
    rmSync(dir, { recursive: true, force: true });
  });

  it('stops and pages, goes on taking rows, and stores all of them once there is room', async () => {
    const pipeline = await openPipeline({ database, intervalMs: 50, stoppedMs: 500, random: () => 0.05 });
    const { buffer, flusher, ledger, log } = pipeline;
    const ballast = join(dir, 'disk', 'ballast');
    let rows = 0;
    const append = async (): Promise<void> => {
      const noise = () => Array.from({ length: 12 }, () => Math.random().toString(36).slice(2)).join('');
      const wishes = aRun(rows, 500).map((row) => ({ ...row, more: { message: noise() } }));
      await buffer.append(0, aUnit(wishes));
      rows += 500;
    };
    const fill = (): void => {
      const { bavail, bsize } = statfsSync(join(dir, 'disk'));
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 64 * 1024)));
    };
    try {
      flusher.start();
      await append();
      await until('the first rows are stored', async () => (await buffer.depth()).rows === 0);
      fill();
      for (let turn = 0; log.of('flush.stopped').length === 0; turn++) {
        expect(
          turn,
          log.said
            .slice(-3)
            .map(({ event, fields }) => `${event} ${JSON.stringify(fields)}`)
            .join('\n'),
        ).to.be.below(200);
        await append();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(log.of('flush.stopped')[0]!.fields).to.include({ code: 243, page: true });
      await append();
      expect((await buffer.depth()).rows).to.be.at.least(500);
      rmSync(ballast);
      await until('the backlog is gone', async () => (await buffer.depth()).rows === 0, 120_000);
      expect(await countEvents(database)).to.eql({ rows, doubled: 0 });
      expect((await ledger.read())[0]).to.include({
        accepted: rows,
        stored: rows,
        deadLettered: 0,
        difference: 0,
      });
    } finally {
      await pipeline.stop();
    }
  });
});
