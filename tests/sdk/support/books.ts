import { setTimeout as sleep } from 'node:timers/promises';
import type { Collector } from '../../support/collector.js';
import { settled } from '../../support/settled.js';
import { until } from '../../support/until.js';

export interface ToldSite {
  id: number;
  key: string;
}
/** A run's own events: rows in the table, and how many different ones they are. */
export interface RunCounts {
  run: string;
  rows: number;
  events: number;
}
export interface CaptureRate {
  generated: number;
  stored: number;
}
/** Numbers of a stream that are not in the table. */
export interface Hole {
  stream: string;
  missing: number[];
  dropped: string[];
}
interface Quality {
  captureRate: { n: number; lo: number | null };
  streams: CaptureRate;
  dropped: { reason: string; n: number }[];
}

const LOOK_EVERY_MS = 200;
/** Rows that pages made, not notes of the collector about their streams. */
const OWN = "NOT startsWith(type, 'stream_')";

/** What the table itself says about the runs of a site, behind the back of every view. */
export const createBooks = (collector: Collector, { id, key }: ToldSite) => {
  const { database, admin } = collector;
  const runs = (run?: string): Promise<RunCounts[]> =>
    database.rows<RunCounts>(
      `SELECT props['run'] AS run, count() AS rows, uniqExact(props['i'], stream) AS events FROM lintel.events
       WHERE site_id = ${id} AND name = 'fault' ${run === undefined ? '' : `AND props['run'] = '${run}'`} GROUP BY run`,
    );
  /** Streams by what they announced, or by their highest number. */
  const streams = `SELECT stream, uniqExactIf(seq, ${OWN}) AS stored, groupUniqArrayIf(seq, ${OWN}) AS seqs,
      greatest(maxIf(toUInt64(seq) + 1, ${OWN}), toUInt64(maxIf(value, type = 'stream_end'))) AS generated,
      groupUniqArrayIf(concat(toString(name), ' ', toString(value)), type = 'stream_dropped') AS dropped
    FROM lintel.events WHERE site_id = ${id} GROUP BY stream`;

  return {
    runs,
    /** Waits until `count` different events of a run are stored. */
    arrived: async (run: string, count: number, deadlineMs: number): Promise<void> => {
      let last: RunCounts | undefined;
      await until(
        `${count} events of ${run}`,
        async () => {
          await sleep(LOOK_EVERY_MS);
          [last] = await runs(run);
          return (last?.events ?? 0) >= count;
        },
        deadlineMs,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}: ${JSON.stringify(last ?? 'none')}`);
      });
    },
    /** Every number that a stream used and the table does not hold. */
    holes: (): Promise<Hole[]> =>
      database.rows<Hole>(
        `SELECT stream, arrayFilter(seq -> NOT has(seqs, seq), range(generated)) AS missing, dropped
         FROM (${streams}) WHERE stored < generated OR notEmpty(dropped)`,
      ),
    /**
     * The capture rate as the streams tell it, once nothing is under way any more.
     * @throws when `data-quality` does not come to the same numbers
     */
    captureRate: async (): Promise<CaptureRate & { atLeast: number; dropped: Quality['dropped'] }> => {
      await settled(collector, id);
      let own: CaptureRate | undefined;
      let told: Quality | undefined;
      return until('data-quality says what the table says', async () => {
        await sleep(LOOK_EVERY_MS);
        [own] = await database.rows<CaptureRate>(
          `SELECT sum(generated) AS generated, sum(stored) AS stored FROM (${streams})`,
        );
        const { data } = await admin.ask<Quality>('data-quality', { site: key, timeRange: '24h' });
        told = data;
        const { stored, generated } = data.streams;
        if (stored !== own!.stored || generated !== own!.generated || data.captureRate.n !== generated)
          return null;
        return { stored, generated, atLeast: data.captureRate.lo ?? 0, dropped: data.dropped };
      }).catch((error: unknown) => {
        throw new Error(
          `${String(error)}: ${JSON.stringify(told?.streams)} instead of ${JSON.stringify(own)}`,
        );
      });
    },
    /** Events that came more than once over the line; the collector knew them. */
    sentAgain: (): Promise<number> =>
      admin.metric('lintel_ingest_events_total', { site: String(id), outcome: 'duplicate' }),
  };
};
export type Books = ReturnType<typeof createBooks>;
