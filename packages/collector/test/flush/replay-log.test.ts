import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { openReplayLog, type ReplayLog } from '../../src/flush/replay-log.js';
import type { ReplayPart } from '../../src/flush/replay-file.js';
import { createMetrics } from '../../src/monitor/index.js';
import { rememberingLog } from './support/pipeline.js';

const aPart = (batch: string, text = 'row'): ReplayPart => ({
  batch,
  table: 'events',
  month: '202611',
  days: 1,
  rows: 1,
  members: [gzipSync(`{"a":"${text}"}\n`)],
});

describe('replay log', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'lintel-replay-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const open = (capBytes?: number) => {
    const metrics = createMetrics();
    const log = rememberingLog();
    const replayLog = openReplayLog({
      dataDir,
      // stands still: whatever counts on a later millisecond falls
      clock: { now: () => Date.parse('2026-11-15T12:00:00Z') },
      log,
      metrics,
      ...(capBytes === undefined ? {} : { capBytes }),
    });
    return { replayLog, metrics, log };
  };
  const keep = (log: ReplayLog, name: string, ...parts: ReplayPart[]): Promise<void> =>
    log.keep(name, () => Promise.resolve(parts));
  const batches = async (log: ReplayLog): Promise<(string | null)[]> => {
    const found: (string | null)[] = [];
    for await (const { parts } of log.read()) found.push(...(parts?.map(({ batch }) => batch) ?? [null]));
    return found;
  };
  const backup = (id: string) => ({ id, at: 1 });

  it('keeps nothing before the first backup, and does not even ask for the rows', async () => {
    const { replayLog } = open();
    await replayLog.keep('a', () => Promise.reject(new Error('asked')));
    expect(await batches(replayLog)).to.eql([]);
    expect(replayLog.state()).to.include({ backup: null, files: 0, bytes: 0 });
  });

  it('keeps what comes after a backup began, gives up what it covers, and knows both after a restart', async () => {
    const { replayLog } = open();
    const first = replayLog.begin();
    await keep(replayLog, 'a', aPart('1'));
    await replayLog.cover(first, backup('one'));
    await keep(replayLog, 'b', aPart('2'), aPart('3'));
    expect(await batches(replayLog)).to.eql(['1', '2', '3']);
    const second = replayLog.begin();
    await keep(replayLog, 'c', aPart('4'));
    await replayLog.cover(second, backup('two'));
    for (const log of [replayLog, open().replayLog]) {
      expect(await batches(log)).to.eql(['4']);
      expect(log.state().backup).to.eql(backup('two'));
    }
  });

  it('gives rows back byte for byte', async () => {
    const { replayLog } = open();
    await replayLog.cover(replayLog.begin(), backup('one'));
    const part = { ...aPart('1'), members: [gzipSync('{"a":1}\n'), gzipSync('{"a":2}\n')], rows: 2 };
    await keep(replayLog, 'a', part);
    for await (const { parts } of replayLog.read()) {
      expect(parts).to.eql([{ ...part, members: [Buffer.concat(part.members)] }]);
    }
  });

  it('keeps a range as it was stored in the end', async () => {
    const { replayLog } = open();
    await replayLog.cover(replayLog.begin(), backup('one'));
    await keep(replayLog, 'a', aPart('1'));
    await keep(replayLog, 'a', aPart('2'));
    expect(await batches(replayLog)).to.eql(['2']);
  });

  it('is off again when the first backup fails, and goes on when a later one does', async () => {
    const { replayLog } = open();
    const first = replayLog.begin();
    await keep(replayLog, 'a', aPart('1'));
    await replayLog.abandon(first);
    await keep(replayLog, 'b', aPart('2'));
    expect(await batches(replayLog)).to.eql([]);
    await replayLog.cover(replayLog.begin(), backup('one'));
    await keep(replayLog, 'c', aPart('3'));
    await replayLog.abandon(replayLog.begin());
    expect(await batches(replayLog)).to.eql(['3']);
  });

  it('forgets a first backup that a crash cut off', async () => {
    const { replayLog } = open();
    replayLog.begin();
    await keep(replayLog, 'a', aPart('1'));
    expect(await batches(open().replayLog)).to.eql([]);
  });

  it('full: counts what it cannot keep, says since when, and delays nobody; a backup mends it', async () => {
    const { replayLog, metrics, log } = open(700);
    await replayLog.cover(replayLog.begin(), backup('one'));
    for (let n = 0; n < 5; n++) await keep(replayLog, `range-${n}`, aPart(String(n)));
    const kept = await batches(replayLog);
    expect(kept).to.have.length.within(1, 4);
    expect((await metrics.replayMissed.get()).values[0]!.value).to.equal(5 - kept.length);
    expect(log.of('replay.missed')).to.have.length(5 - kept.length);
    expect(open(700).replayLog.state().gapSince).to.be.a('number');
    await replayLog.cover(replayLog.begin(), backup('two'));
    expect(replayLog.state()).to.include({ gapSince: null, files: 0 });
  });

  it('tells damaged bytes from good ones', async () => {
    const { replayLog } = open();
    await replayLog.cover(replayLog.begin(), backup('one'));
    await keep(replayLog, 'a', aPart('1'));
    await keep(replayLog, 'b', aPart('2'));
    const folder = join(dataDir, 'replay');
    const file = join(
      folder,
      readdirSync(folder).find((name) => name.startsWith('a'))!,
    );
    const bytes = readFileSync(file);
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(file, bytes);
    expect(await batches(replayLog)).to.eql([null, '2']);
  });
});
