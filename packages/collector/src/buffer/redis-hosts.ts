import type { PageBits } from './disk-unclaimed.js';
import { runsOfBitmap } from './identities.js';
import type { Connection } from './redis-connection.js';
import { redisKeys } from './redis-keys.js';

/** State of a collector's spool: empty, rows wait, or a range of it is being flushed. */
export type SpoolState = 'free' | 'hold' | 'busy';

/** What the collectors of one Redis tell each other about their spools. Every call throws {BufferUnavailable}. */
export interface RedisHosts {
  /** Makes the rows of a spool duplicates here. Safe to repeat. */
  claim(pages: readonly PageBits[]): Promise<void>;
  /** @param inDoubt what waits in Redis may be in the spool too, or was flushed from it */
  join(host: string, state: SpoolState, inDoubt: boolean): Promise<void>;
  beat(host: string, state: SpoolState): Promise<void>;
  leave(host: string, empty: boolean): Promise<void>;
  /** @returns true while this host's spool may be drained */
  turn(host: string): Promise<boolean>;
}

/** Longer than an INSERT can run (`max_execution_time` 60 s): the next spool finds what this one stored. */
const TURN_MS = 90_000;

export const createRedisHosts = (connection: Connection, ttlSeconds: number): RedisHosts => {
  const keys = redisKeys(0);
  return {
    claim: async (pages) => {
      if (pages.length === 0) return;
      await connection.write(
        'claim',
        pages.map(({ page }) => keys.seen(page)),
        [
          ttlSeconds,
          ...pages.flatMap(({ bitmap }, index) =>
            runsOfBitmap(bitmap).flatMap(({ offset, width }) => [index + 1, width, offset]),
          ),
        ],
      );
    },
    join: async (host, state, inDoubt) => {
      await connection.write('join', [keys.queue, keys.doubt, keys.hosts], [host, state, inDoubt ? 1 : 0]);
    },
    beat: async (host, state) => {
      await connection.call('beat', [keys.hosts, keys.turn], [host, state, TURN_MS]);
    },
    leave: async (host, empty) => {
      await connection.call('leave', [keys.hosts, keys.turn], [host, empty ? 1 : 0]);
    },
    turn: async (host) =>
      (await connection.call('turn', [keys.turn, keys.manifest, keys.doubt], [host, TURN_MS])) === 1,
  };
};
