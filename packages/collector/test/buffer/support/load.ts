import { performance } from 'node:perf_hooks';
import {
  createRowWriter,
  type Buffer as MemberBuffer,
  type EventRow,
  type OpenBuffer,
} from '../../../src/buffer/index.js';
import { silentLog } from '../../../src/log.js';
import { createMetrics } from '../../../src/monitor/index.js';
import { aStream, fenceOf, LIMITS, NOVEMBER, readRows, rowsOf } from './units.js';

export const writerOf = (opened: OpenBuffer) =>
  createRowWriter({
    buffer: opened.buffer,
    clock: { now: () => NOVEMBER },
    metrics: createMetrics(),
    log: silentLog,
  });

export interface Load {
  /** Rows acknowledged by now. */
  acknowledged: EventRow[];
  /** Requests that failed: a client would have seen 503. */
  failed: number;
  /** Longest wait of a request, ms. */
  slowestMs: number;
  stop(): Promise<void>;
}

/** `clients` that send five rows after five rows; each request is repeated once in four, as after a lost answer. */
export const startLoad = (opened: OpenBuffer, clients = 4, pauseMs = 2): Load => {
  const writer = writerOf(opened);
  let going = true;
  const load: Load = { acknowledged: [], failed: 0, slowestMs: 0, stop: () => Promise.resolve() };
  const client = async (number: number): Promise<void> => {
    for (let n = number; going; n += 1) {
      const rows = rowsOf(aStream(), 5);
      const started = performance.now();
      try {
        await writer.write(rows);
        load.acknowledged.push(...rows);
        if (n % 4 === 0) await writer.write(rows);
      } catch {
        load.failed += 1;
      }
      load.slowestMs = Math.max(load.slowestMs, performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const running = Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  load.stop = async () => {
    going = false;
    await running;
  };
  return load;
};

/** What the table holds after a flush that asks it before every part in doubt, as the flusher does. */
export interface Table {
  rows: Set<string>;
  /** Rows that came a second time in a lane without doubt: they would be doubled. */
  doubled: string[];
}

export const newTable = (): Table => ({ rows: new Set(), doubled: [] });

/** One pass over all buffers. @returns rows that left */
export const flushInto = async (
  table: Table,
  buffers: readonly MemberBuffer[],
  owner = 'test',
): Promise<number> => {
  let left = 0;
  for (const buffer of buffers) {
    const fence = await fenceOf(buffer, owner);
    for (;;) {
      const sealed = await buffer.seal(LIMITS, fence);
      if (!sealed) break;
      for (const part of sealed.parts) {
        for (const row of await readRows(buffer, sealed, part)) {
          if (!table.rows.has(row)) table.rows.add(row);
          else if (!part.lane.doubt) table.doubled.push(row);
        }
        left += part.rows;
      }
      await buffer.commit(sealed, fence);
    }
  }
  return left;
};

export const names = (rows: readonly EventRow[]): string[] =>
  rows.map(({ stream, seq }) => `${stream}/${seq}`);
