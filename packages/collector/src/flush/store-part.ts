import type { SealedPart } from '../buffer/buffer.js';
import { backoffMs, pause } from './backoff.js';
import type { StoredSite } from './events-table.js';
import { classify, FlushAborted, FlushStopped, type Failure } from './failure.js';
import { keptRows } from './part-edits.js';
import { createPartWork, type StoreContext } from './part-work.js';
import { findCulprits, findUnreadable, type Culprit } from './poison.js';

/** What a part left in the table, once it is all there. */
export interface StoredPart {
  part: SealedPart;
  stored: StoredSite[];
  /** The rows that were not cut out, as gzip members. */
  members: () => Promise<Uint8Array[]>;
}

/** Probing starts with the third bad row of a part: one or two are cheaper without. */
const PROBE_FROM = 3;
/** Refusals for want of memory before the part itself is halved. */
const HALVE_FROM = 2;

type Poison = Extract<Failure, { kind: 'poison' }>;
/** Done: the part, or what became of it, is stored. */
type Step = () => Promise<StoredPart[] | null>;

/**
 * Stores one part, however long it takes. The token makes a repeat harmless, the read-back alone is proof, and a token
 * that was answered with success while nothing is there gives way to the next one.
 * @throws {FlushStopped|FlushAborted|StaleFence|BufferUnavailable} the manifest stays open
 */
export const storePart = async (context: StoreContext, first: SealedPart): Promise<StoredPart[]> => {
  const work = createPartWork(context, first);
  let failures = 0;
  let starved = 0;
  let poisoned = 0;

  const done = (stored: StoredSite[]): StoredPart[] => [
    { part: work.part, stored, members: work.keptMembers },
  ];

  const storeHalves = async (): Promise<StoredPart[] | null> => {
    const divided = await work.divide();
    if (!divided) return null;
    const fresh = { ...context, fresh: true };
    const front = await storePart(fresh, divided[0]);
    return [...front, ...(await storePart(fresh, divided[1]))];
  };

  const culpritsBehind = async (row: number): Promise<Culprit[]> => {
    if (poisoned < PROBE_FROM || work.part.lane.table !== 'events') return [];
    const rest = keptRows(work.part).filter((other) => other > row);
    return findCulprits(context.clickhouse(), await context.table.probeSql(), await work.readLines(), rest);
  };

  /** The row the message names; without a name the half that is fine is stored, and the other is asked again. */
  const removePoison =
    ({ code, message, row: place }: Poison): Step =>
    async () => {
      const stored = await work.lookBack();
      if (stored) return done(stored);
      const kept = keptRows(work.part);
      const unreadable = poisoned === 1 ? await findUnreadable(await work.readLines(), kept) : [];
      if (unreadable.length > 0) {
        await work.cutCulprits(unreadable, 'poison');
        return null;
      }
      const row = place === null ? undefined : kept[place];
      if (row !== undefined) {
        const culprits = [{ row, code, error: message }, ...(await culpritsBehind(row))];
        await work.cutCulprits(culprits, 'poison');
        return null;
      }
      const halves = await storeHalves();
      if (!halves) await work.cutCulprits([{ row: kept[0]!, code, error: message }], 'poison_alone');
      return halves;
    };

  const send: Step = async () => {
    for (;;) {
      const stored = await work.lookBack();
      if (stored) {
        await work.markDirty();
        return done(stored);
      }
      if (await work.cutStored()) return null;
      await work.markDirty();
      await work.insert();
    }
  };

  const shrink: Step = async () => {
    const stored = await work.lookBack();
    return stored ? done(stored) : storeHalves();
  };

  const wait = async (failure: Extract<Failure, { kind: 'later' }>): Promise<void> => {
    const { batch } = work.part;
    context.metrics.flushRetries.inc({ class: failure.code === 0 ? 'unreachable' : String(failure.code) });
    context.log.warn('flush.retry', { batch, failures, code: failure.code, error: failure.message });
    context.relieve(failure.relief);
    await pause(backoffMs(failures, context.random), context.signal);
    failures += 1;
  };

  let step: Step = send;
  for (;;) {
    if (context.signal.aborted) throw new FlushAborted();
    if (work.part.rows === work.part.cut.length) return done([]);
    try {
      const parts = await step();
      if (parts) return parts;
      step = send;
    } catch (error) {
      if (error instanceof FlushAborted || error instanceof FlushStopped) throw error;
      const failure = classify(error);
      if (failure.kind === 'stop') throw new FlushStopped(failure);
      if (failure.kind === 'poison') {
        poisoned += 1;
        step = removePoison(failure);
        continue;
      }
      starved = failure.relief === 'smaller' ? starved + 1 : 0;
      if (starved >= HALVE_FROM) step = shrink;
      await wait(failure);
    }
  }
};
