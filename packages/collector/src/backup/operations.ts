import type { Clock } from '../clock.js';
import { CollectorError } from '../errors.js';
import { makeBackup, type BackupDone, type BackupRequest } from './backup.js';
import type { Context } from './context.js';
import { restoreBackup, type RestoreDone } from './restore.js';
import type { RestoreRequest } from './restore-beside.js';

/** One backup or restore, from its beginning until the next one begins. */
export interface Operation {
  kind: 'backup' | 'restore';
  /** Epoch ms. */
  startedAt: number;
  endedAt: number | null;
  /** What is being done, or was done last. */
  step: string;
  /** null while it runs, and after a success. */
  error: { code: string; message: string } | null;
  backup: BackupDone | null;
  restore: RestoreDone | null;
}

export interface Backups {
  /** @throws {CollectorError} `CONFLICT` while one runs */
  backup(request: BackupRequest): Operation;
  /** @throws {CollectorError} `CONFLICT` while one runs */
  restore(request: RestoreRequest): Operation;
  /** The one that runs, or the last one of this process. */
  current(): Operation | null;
  /** Resolves when none runs. */
  idle(): Promise<void>;
}

/** Runs one at a time, in the background: a request would be cut off by whoever stands in between. */
export const createBackups = (
  context: Omit<Context, 'progress'> & { clock: Clock },
  { make = makeBackup, restore = restoreBackup } = {},
): Backups => {
  const { clock, log } = context;
  let current: Operation | null = null;
  let running: Promise<void> = Promise.resolve();

  const begin = (
    kind: Operation['kind'],
    work: (context: Context, into: Operation) => Promise<void>,
  ): Operation => {
    if (current?.endedAt === null) throw new CollectorError('CONFLICT', `a ${current.kind} is running`);
    const operation: Operation = {
      kind,
      startedAt: clock.now(),
      endedAt: null,
      step: 'beginning',
      error: null,
      backup: null,
      restore: null,
    };
    current = operation;
    const progress = (step: string): void => {
      operation.step = step;
      log.info(`${kind}.step`, { step });
    };
    running = work({ ...context, progress }, operation)
      .catch((error: unknown) => {
        const { code = 'INTERNAL', message } = error as Error & { code?: string };
        operation.error = { code, message };
        log.error(`${kind}.failed`, { code, error: String((error as Error).stack) });
      })
      .finally(() => {
        operation.endedAt = clock.now();
      });
    return operation;
  };

  return {
    backup: (request) =>
      begin('backup', async (one, operation) => {
        operation.backup = await make(one, request);
        log.info('backup.done', { ...operation.backup });
      }),
    restore: (request) =>
      begin('restore', async (one, operation) => {
        operation.restore = await restore(one, request);
        log.warn('restore.done', { ...operation.restore });
      }),
    current: () => current,
    idle: () => running,
  };
};

const refuse = (): never => {
  throw new CollectorError('CONFLICT', 'backups are made by the process that flushes: ask its admin port');
};

/** Of a process that does not flush: it could neither let the flush rest nor read the replay log. */
export const backupsElsewhere: Backups = {
  backup: refuse,
  restore: refuse,
  current: refuse,
  idle: () => Promise.resolve(),
};
