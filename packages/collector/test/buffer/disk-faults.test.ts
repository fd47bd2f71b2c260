import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openDisk } from '../../src/buffer/disk.js';
import { systemClock } from '../../src/clock.js';
import { BadSettings, BufferFull } from '../../src/errors.js';
import { silentLog } from '../../src/log.js';
import { refusal } from './support/refusal.js';
import { aStream, aUnit, drain, fenceOf, LIMITS, rowsOf } from './support/units.js';

const CHILD = fileURLToPath(new URL('./support/disk-child.ts', import.meta.url));
const NODE = [process.execPath, '--import', 'tsx', '--conditions', 'source', CHILD];
const isRoot = process.getuid?.() === 0;

interface Lived {
  acknowledged: string[];
  refusals: string[];
  ended: boolean;
}

const run = (command: readonly string[]): Promise<Lived> =>
  new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let complained = '';
    child.stdout.on('data', (text) => (said += String(text)));
    child.stderr.on('data', (text) => (complained += String(text)));
    child.once('error', reject);
    child.once('close', () => {
      const lines = said.split('\n');
      if (!lines.includes('opened')) reject(new Error(`the child did not open its buffer: ${complained}`));
      resolve({
        acknowledged: lines.filter((line) => line.startsWith('+ ')).map((line) => line.slice(2)),
        refusals: lines.filter((line) => line.startsWith('- ')).map((line) => line.slice(2)),
        ended: lines.includes('end'),
      });
    });
  });

/** Streams that are there after a restart. */
const found = async (dir: string): Promise<string[]> => {
  const buffer = openDisk({
    dir,
    clock: systemClock,
    log: silentLog,
    seenTtlMs: 86_400_000,
    reserveBytes: 0,
  });
  const rows = await drain(buffer, await fenceOf(buffer));
  await buffer.close();
  return rows.map((row) => row.split('/')[0]!);
};

describe('disk buffer on a failing disk', function () {
  this.timeout(180_000);
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lintel-fault-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  for (const [name, syscall, fault] of [
    ['the sync fails (EIO)', 'fdatasync', 'error=EIO:when=20+'],
    ['the write finds no space (ENOSPC)', 'pwrite64,pwritev,write', 'error=ENOSPC:when=30+'],
  ] as const) {
    it(`acknowledges exactly what is found later when ${name}`, async function () {
      if (!existsSync('/usr/bin/strace')) {
        console.log('      not run: strace is not installed');
        return this.skip();
      }
      // writes of the child's own lines (to stdout) must not fail
      const path = syscall === 'fdatasync' ? [] : ['-P', join(dir, 'data.mdb')];
      const lived = await run([
        'strace',
        ...['-f', '-qq', '-o', '/dev/null', '-e', `trace=${syscall}`, '-e', `inject=${syscall}:${fault}`],
        ...path,
        ...NODE,
        dir,
        '500',
      ]);
      expect(lived.ended).to.equal(true);
      expect(lived.acknowledged.length).to.be.within(1, 499);
      expect(lived.refusals).to.have.length(3);
      expect(lived.refusals[0]).to.match(/^BUFFER_UNAVAILABLE/);
      // closed after the first failure: nothing was even tried
      expect(lived.refusals.slice(1)).to.deep.equal(Array(2).fill('BUFFER_UNAVAILABLE refused'));
      expect((await found(dir)).sort()).to.deep.equal(lived.acknowledged.sort());
    });
  }

  it('acknowledges exactly what is found later when the file system fills up', async function () {
    const mounted = isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dir]).status === 0;
    if (!mounted) {
      console.log('      not run: needs root and the right to mount a tmpfs');
      return this.skip();
    }
    try {
      const lived = await run([...NODE, dir, '5000']);
      expect(lived.ended).to.equal(true);
      expect(lived.acknowledged.length).to.be.within(1, 4999);
      expect((await found(dir)).sort()).to.deep.equal(lived.acknowledged.sort());
    } finally {
      spawnSync('umount', ['-l', dir]);
    }
  });

  it('refuses above its cap, and takes rows again after a flush', async () => {
    const buffer = openDisk({
      dir,
      clock: systemClock,
      log: silentLog,
      seenTtlMs: 86_400_000,
      reserveBytes: 0,
      capBytes: 200_000,
    });
    const unit = () =>
      aUnit(
        rowsOf(aStream(), 1, 0, {
          json: JSON.stringify({ stream: 'x', seq: 0, filler: aStream().repeat(20) }),
        }),
      );
    let stored = 0;
    let error: Error | null = null;
    while (!error) {
      error = await buffer.append(0, unit()).then(
        () => null,
        (failure: Error) => failure,
      );
      if (!error) stored += 1;
    }
    expect(error).to.be.instanceOf(BufferFull);
    expect(await buffer.fill()).to.be.greaterThan(0.99);
    expect((await buffer.depth()).rows).to.equal(stored);
    await drain(buffer, await fenceOf(buffer));
    expect(await buffer.append(0, unit())).to.deep.equal({ kind: 'stored' });
    expect(await buffer.fill()).to.be.lessThan(0.5 + (stored * 64) / 200_000);
    await buffer.close();
  });

  it('refuses while the file system has less than its reserve', async () => {
    const buffer = openDisk({
      dir,
      clock: systemClock,
      log: silentLog,
      seenTtlMs: 86_400_000,
      reserveBytes: Number.MAX_SAFE_INTEGER,
    });
    expect(await refusal(buffer.append(0, aUnit(rowsOf(aStream(), 1))))).to.be.instanceOf(BufferFull);
    expect(await buffer.fill()).to.equal(1);
    await buffer.close();
  });

  it('fills a small file system by and by, and takes most of that again after each flush', async function () {
    const mounted =
      isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', dir]).status === 0;
    if (!mounted) {
      console.log('      not run: needs root and the right to mount a tmpfs');
      return this.skip();
    }
    let now = Date.now();
    // what is free is asked for once a second
    const clock = { now: () => (now += 100) };
    const filler = Buffer.from(aStream().repeat(1000));
    const buffer = openDisk({ dir, clock, log: silentLog, seenTtlMs: 86_400_000, reserveBytes: 2 ** 20 });
    try {
      const fence = await fenceOf(buffer);
      const took: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        const fills: number[] = [];
        let refused = false;
        while (!refused) {
          fills.push(await buffer.fill());
          const unit = aUnit(rowsOf(aStream(), 1));
          refused = await buffer.append(0, { ...unit, member: filler }).then(
            () => false,
            (error: unknown) => error instanceof BufferFull,
          );
        }
        took.push(fills.length);
        expect(fills.some((fill) => fill > 0.4 && fill < 0.6)).to.equal(true);
        expect(Math.max(...fills)).to.be.greaterThan(0.9);
        for (let sealed = await buffer.seal(LIMITS, fence); sealed; sealed = await buffer.seal(LIMITS, fence))
          await buffer.commit(sealed, fence);
        now += 2000;
      }
      expect(took[0]).to.be.greaterThan(100);
      expect(Math.min(...took)).to.be.at.least(0.7 * took[0]!);
    } finally {
      await buffer.close();
      spawnSync('umount', ['-l', dir]);
    }
  });

  it('stops the boot when the folder cannot be used', () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    expect(() =>
      openDisk({ dir: join(file, 'buffer'), clock: systemClock, log: silentLog, seenTtlMs: 1 }),
    ).to.throw(BadSettings, file);
  });

  it('forgets duplicate bits after their time, so that they do not fill the disk', async () => {
    let now = Date.now();
    const buffer = openDisk({ dir, clock: { now: () => now }, log: silentLog, seenTtlMs: 86_400_000 * 7 });
    const first = aUnit(rowsOf(aStream(), 2));
    await buffer.append(0, first);
    now += 6 * 86_400_000;
    for (let n = 0; n < 20; n += 1) await buffer.append(0, aUnit(rowsOf(aStream(), 1)));
    expect((await buffer.append(0, first)).kind).to.equal('duplicate');
    now += 3 * 86_400_000;
    for (let n = 0; n < 20; n += 1) await buffer.append(0, aUnit(rowsOf(aStream(), 1)));
    expect((await buffer.append(0, first)).kind).to.equal('stored');
    await buffer.close();
  });
});
