import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Buffer as LintelBuffer } from '../../../src/buffer/buffer.js';
import { openBuffer, type OpenBuffer } from '../../../src/buffer/index.js';
import { systemClock } from '../../../src/clock.js';
import type { LedgerRow } from '../../../src/flush/index.js';
import { silentLog } from '../../../src/log.js';
import { createMetrics } from '../../../src/monitor/index.js';
import { startFlusher } from './child.js';
import { openPipeline, until, type TestDatabase } from './pipeline.js';
import { aRun, aStream, aUnit } from './rows.js';
import { inject } from './strace.js';

/** Every way in which the flush process changes something outside of itself. */
export const CRASH_SYSCALLS = [
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'sendto',
  'sendmsg',
  'fsync',
  'fdatasync',
  'msync',
  'ftruncate',
  'rename',
  'openat',
] as const;

/** One kill, and what was there after the next flusher had finished. */
export interface CrashPoint {
  syscall: string;
  /** Counted per thread, from the start of the flush. */
  when: number;
  killed: boolean;
  /** Rows that should be there and are not; rows that are there twice. */
  lost: number;
  doubled: number;
  /** Largest difference of the books. */
  difference: number;
}

/** Rows of one round: both months, a doubtful lane half of which is known, a poison row, a side lane. */
const appendRound = async (buffer: LintelBuffer, round: number): Promise<{ rows: number }> => {
  const now = Date.now();
  const lastMonth = now - 31 * 86_400_000;
  const stream = 10 * round;
  await buffer.append(0, aUnit(aRun(stream, 40)));
  await buffer.append(
    0,
    aUnit([...aRun(stream + 1, 10), { stream: aStream(stream + 1), seq: 10, more: { depth: 'x' } }]),
  );
  await buffer.append(0, aUnit(aRun(stream + 2, 30, 0, { ts: lastMonth })));
  // ten of them are in the first unit
  await buffer.append(0, { ...aUnit(aRun(stream, 20, 30), { doubt: true }), identities: [] });
  await buffer.append(0, {
    lane: { table: 'monitor', month: '', doubt: false },
    member: gzipSync(
      `{"at":"2026-11-25 04:00:00","host":"a","name":"x","label":"${round}","site_id":1,"value":1,"n":1}\n`,
    ),
    rows: 1,
    identities: [],
    sites: new Map(),
    days: 0,
  });
  return { rows: 40 + 10 + 30 + 10 };
};

const openRedis = (redisUrl: string, dataDir: string): Promise<OpenBuffer> =>
  openBuffer({ redisUrl, dataDir, log: silentLog, metrics: createMetrics(), clock: systemClock });

export interface WalkOptions {
  database: TestDatabase;
  /** Instead of the buffer on disk. */
  redisUrl?: string;
  syscalls?: readonly string[];
  /** 1 = every point; 8 = every eighth of each system call, and always the first. */
  step: number;
  onPoint?: (point: CrashPoint) => void;
}

/**
 * Kills a flush process at its `when`-th call of each system call, lets another one finish, and counts. A system call
 * is through when two points in a row were survived: the flush is over before it comes to them.
 */
export const walkCrashPoints = async ({
  database,
  redisUrl,
  syscalls = CRASH_SYSCALLS,
  step,
  onPoint,
}: WalkOptions): Promise<CrashPoint[]> => {
  const points: CrashPoint[] = [];
  let round = 0;
  let expected = 0;
  const dataDir = mkdtempSync(join(tmpdir(), 'lintel-crash-'));
  const owner = 'one after the other';
  const visit = async (syscall: string, when: number): Promise<CrashPoint> => {
    const redis = redisUrl === undefined ? null : await openRedis(redisUrl, dataDir);
    const pipeline = await openPipeline({
      database,
      dataDir,
      owner,
      ...(redis ? { buffer: redis.buffers[0]! } : {}),
    });
    try {
      expected += (await appendRound(pipeline.buffer, ++round)).rows;
      const child = await startFlusher(database, {
        dataDir,
        owner,
        intervalMs: 10_000,
        waits: true,
        redisUrl: redisUrl ?? null,
      });
      const strace = await inject(child.pid, syscall, `signal=SIGKILL:when=${when}`);
      child.go();
      await until('the flush is over, one way or the other', async () => {
        const gone = child.process.exitCode !== null || child.process.signalCode !== null;
        return gone || (await pipeline.buffer.depth()).rows === 0;
      });
      const killed = child.process.signalCode !== null;
      await strace.detach();
      child.kill();
      await child.ended;
      pipeline.flusher.start();
      await until(
        'the next flusher has finished',
        async () => (await pipeline.buffer.depth()).rows === 0,
        60_000,
      );
      const [counts] = await database
        .as('migrator')
        .rows<{ rows: number; doubled: number }>(
          'SELECT sum(n) AS rows, sum(n - 1) AS doubled FROM (SELECT count() AS n FROM events GROUP BY stream, seq)',
        );
      const [dead] = await database
        .as('migrator')
        .rows<{ n: number }>("SELECT uniqExact(stream) AS n FROM dead_letters FINAL WHERE reason = 'poison'");
      const ledger: LedgerRow[] = await pipeline.ledger.read();
      return {
        syscall,
        when,
        killed,
        lost: expected - (counts!.rows - counts!.doubled) + (round - dead!.n),
        doubled: counts!.doubled,
        difference: Math.max(...ledger.map(({ difference }) => Math.abs(difference))),
      };
    } finally {
      await pipeline.stop();
      await redis?.close();
    }
  };
  try {
    for (const syscall of syscalls) {
      for (let when = 1, survivals = 0; survivals < 2; when += step) {
        const point = await visit(syscall, when);
        points.push(point);
        onPoint?.(point);
        survivals = point.killed ? 0 : survivals + 1;
      }
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  return points;
};

/** What was walked, one line a system call. */
export const crashTable = (points: readonly CrashPoint[]): string => {
  const names = [...new Set(points.map(({ syscall }) => syscall))];
  const lines = names.map((name) => {
    const of = points.filter(({ syscall }) => syscall === name);
    const sum = (value: (point: CrashPoint) => number): number =>
      of.reduce((total, point) => total + value(point), 0);
    const cells = [
      name,
      of.length,
      of.filter(({ killed }) => killed).length,
      sum((p) => p.lost),
      sum((p) => p.doubled),
      sum((p) => p.difference),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| system call | points | killed | lost | doubled | difference |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
};
