import type { Log } from '../log.js';
import { rebuildRollups, type RebuildOptions } from './rebuild-rollups.js';

/** How often finished days are looked for. */
const EVERY_MS = 5 * 60_000;

/**
 * Runs the jobs of this process until the returned function is called. A job that fails is logged and tried again at
 * its next turn: each is a pure function of what is stored.
 */
export const startJobs = ({
  rollups,
  log,
}: {
  rollups: RebuildOptions['rollups'];
  log: Log;
}): (() => void) => {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const turn = async (): Promise<void> => {
    try {
      await rebuildRollups({ rollups, log });
    } catch (error) {
      log.warn('jobs.failed', { job: 'rebuild-rollups', error: (error as Error).message });
    }
    if (!stopped) timer = setTimeout(() => void turn(), EVERY_MS).unref();
  };
  void turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
};
