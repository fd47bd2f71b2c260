import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Operation } from '../backup/index.js';
import { BadSettings } from '../errors.js';
import { askAdmin } from './admin-client.js';
import { printLedger } from './ledger.js';

const LOOK_MS = 200;
/** What only a person can mend: the exit is that of bad settings, with one line. */
const REFUSALS = ['BACKUP_REFUSED', 'BUSY', 'CONFLICT'];

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Says each step as it begins, until the operation that was begun has ended. */
const follow = async (begun: Operation): Promise<Operation> => {
  let step = '';
  for (let operation = begun; ;) {
    if (operation.step !== step) say(`  ${(step = operation.step)}`);
    if (operation.endedAt !== null) {
      const { error } = operation;
      if (!error) return operation;
      if (REFUSALS.includes(error.code)) throw new BadSettings(error.message);
      process.stderr.write(`lintel: the ${operation.kind} failed: ${error.message}\n`);
      process.exit(1);
    }
    await new Promise((wait) => setTimeout(wait, LOOK_MS));
    const answer = await askAdmin<{ operation: Operation | null }>('/api/admin/backups');
    if (answer.operation?.startedAt !== begun.startedAt)
      throw new BadSettings('the collector was started anew meanwhile: run it again');
    operation = answer.operation;
  }
};

const folder = (name: string, path: string | undefined): Record<string, string> =>
  path === undefined ? {} : { [name]: resolve(path) };

/** `lintel backup [--to DIR] [--keys-to DIR]` */
export const backupCommand = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: { to: { type: 'string' }, 'keys-to': { type: 'string' } },
  });
  const body = { ...folder('to', values.to), ...folder('keysTo', values['keys-to']) };
  const begun = await askAdmin<Operation>('/api/admin/backups', { method: 'POST', body });
  const { backup, startedAt, endedAt } = await follow(begun);
  say(`${backup!.folder}`);
  say(`${backup!.keysFolder} (keys: keep them in another place)`);
  say(
    `${backup!.rows} rows of ${backup!.tables} tables, ${backup!.bytes} bytes, ${seconds(endedAt! - startedAt)}; ` +
      `the flush rested ${seconds(backup!.restedMs)}`,
  );
};

/** `lintel restore --from DIR [--keys-from DIR]`; exit 1 when the books do not close. */
export const restoreCommand = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: { from: { type: 'string' }, 'keys-from': { type: 'string' } },
  });
  if (values.from === undefined) throw new BadSettings('restore --from DIR');
  const body = { ...folder('from', values.from), ...folder('keysFrom', values['keys-from']) };
  const begun = await askAdmin<Operation>('/api/admin/backups/restore', { method: 'POST', body });
  const { restore, startedAt, endedAt } = await follow(begun);
  const { id, rows, replayed, carried, expired, warnings, ledger } = restore!;
  say(`${id} is restored: ${rows} rows in ${seconds(endedAt! - startedAt)}`);
  say(
    `events since: ${replayed.stored} brought back, ${replayed.present} were there, ` +
      `${carried} carried over from the replaced database`,
  );
  if (expired > 0) say(`${expired} events were past their retention and stayed out`);
  for (const warning of warnings) say(`warning: ${warning}`);
  printLedger(ledger);
  process.exitCode = ledger.every(({ difference }) => difference === 0) ? 0 : 1;
};
