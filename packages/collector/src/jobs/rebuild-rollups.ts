import type { Log } from '../log.js';
import type { Rollups } from '../schema/index.js';

export interface RebuildOptions {
  rollups: Rollups;
  log: Log;
}

/**
 * Builds the roll-ups of every finished day that has none. A pure function of what is stored: a run that dies leaves
 * days that are answered from `events`, and the next run builds them.
 * @returns rows written
 */
export const rebuildRollups = async ({ rollups, log }: RebuildOptions): Promise<number> => {
  const started = Date.now();
  const rebuilt = await rollups.rebuild();
  if (rebuilt.length > 0)
    log.info('jobs.rebuild_rollups', { rollups: rebuilt.length, ms: Date.now() - started });
  return rebuilt.reduce((sum, { rows }) => sum + rows, 0);
};
