import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Buffer as MemberBuffer, Fence, Unit } from '../../../src/buffer/index.js';
import { aUnit, EVENTS, LIMITS, readRows, rowsOf } from './units.js';

const STREAMS = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;
const DECEMBER = { ...EVENTS, month: '202612' };

const UNITS: readonly Unit[] = [
  aUnit(rowsOf(STREAMS[0], 3)),
  aUnit([...rowsOf(STREAMS[0], 2, 3), ...rowsOf(STREAMS[1], 2)]),
  aUnit(rowsOf(STREAMS[1], 3, 2), DECEMBER),
  aUnit(rowsOf(STREAMS[1], 1, 5)),
];
export const ROWS = UNITS.reduce((sum, { rows }) => sum + rows, 0);

/** Called around every call of the buffer; may end the process. */
export type Around = <T>(name: string, call: () => Promise<T>) => Promise<T>;

const storeOnce = async (buffer: MemberBuffer, unit: Unit, around: Around): Promise<void> => {
  const answer = await around('append', () => buffer.append(0, unit));
  if (answer.kind === 'duplicate' && answer.at.length !== unit.rows) {
    throw new Error(`half a unit is stored: ${String(answer.at)} of ${unit.rows}`);
  }
};

/** A folder is the table: a file a batch, so that a repeat of the same batch changes nothing. */
const flushOnce = async (buffer: MemberBuffer, table: string, around: Around): Promise<boolean> => {
  const fence: Fence | null = await around('acquire', () => buffer.acquire(0, 'life', 60_000));
  if (!fence) throw new Error('no lease');
  let sealed = await around('seal', () => buffer.seal(LIMITS, fence));
  if (!sealed) return false;
  if (sealed.parts[0]!.attempt === 0) {
    const batch = await around('nextBatch', () => buffer.nextBatch(fence));
    const parts = sealed.parts.map((part, index) => ({
      ...part,
      attempt: 1,
      ...(index === 0 ? { batch } : {}),
    }));
    const revised = { ...sealed, parts };
    await around('revise', () => buffer.revise(revised, fence));
    sealed = revised;
  }
  for (const part of sealed.parts) {
    writeFileSync(join(table, part.batch), (await readRows(buffer, sealed, part)).join('\n'));
  }
  const whole = sealed;
  await around('commit', () => buffer.commit(whole, fence));
  await around('release', () => buffer.release(fence));
  return true;
};

/** Appends and flushes in turn; run again from its start after any death, it must end in the same state. */
export const live = async (buffer: MemberBuffer, table: string, around: Around): Promise<void> => {
  mkdirSync(table, { recursive: true });
  await storeOnce(buffer, UNITS[0]!, around);
  await storeOnce(buffer, UNITS[1]!, around);
  await flushOnce(buffer, table, around);
  await storeOnce(buffer, UNITS[2]!, around);
  await storeOnce(buffer, UNITS[3]!, around);
  while (await flushOnce(buffer, table, around));
};

export const tableRows = (table: string): string[] =>
  readdirSync(table).flatMap((file) => readFileSync(join(table, file), 'utf8').split('\n'));
