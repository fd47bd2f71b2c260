import type { AdminDuty } from './admin-duty.js';
import type { Health } from './admin/index.js';
import type { FlushDuty } from './flush-duty.js';
import type { Foundation } from './foundation.js';
import { isFull } from './ingest/index.js';
import { VERSION } from './version.js';

/** What a process with an admin port says of itself; of a duty that another one has it says so. */
export const createHealth = (
  { buffering, writer, database, metrics, clock, beforeGauges }: Foundation,
  { flush, admin, draining }: { flush: FlushDuty | null; admin: AdminDuty | null; draining: () => boolean },
): Health => {
  const { buffer } = buffering;

  const refresh = async (): Promise<void> => {
    const [depth, oldest, fill] = await Promise.all([buffer.depth(), buffer.oldest(), buffer.fill()]);
    const backend = { backend: buffer.kind };
    metrics.bufferRows.set(backend, depth.rows);
    metrics.bufferBytes.set(backend, depth.bytes);
    metrics.bufferFillRatio.set(backend, fill);
    metrics.bufferOldestSeconds.set(backend, oldest === null ? 0 : (clock.now() - oldest) / 1000);
    const backup = flush?.replayLog.state().backup;
    if (backup) metrics.backupAgeSeconds.set({ database: database.name }, (clock.now() - backup.at) / 1000);
    admin?.canary.refresh();
  };
  beforeGauges.push(refresh);

  return {
    ready: () => Promise.resolve(!draining() && !isFull(writer.fill())),
    status: async () => ({
      version: VERSION,
      draining: draining(),
      buffer: {
        kind: buffer.kind,
        state: buffering.state(),
        ...(await buffer.depth()),
        fill: await buffer.fill(),
      },
      database: {
        state: database.state,
        error: database.lastError,
        restarts: database.engine?.restarts() ?? 0,
      },
      flush: flush?.flusher.status() ?? 'elsewhere',
      backup: flush?.replayLog.state() ?? 'elsewhere',
      canary: admin?.canary.state() ?? 'elsewhere',
    }),
    refresh,
  };
};
