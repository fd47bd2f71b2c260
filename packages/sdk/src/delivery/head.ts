import type { Dropped } from '../types.js';
import { VERSION } from '../version.js';
import type { StreamRecord } from './row.js';

/** At most so many streams in `ended`. */
const ENDED = 100;

/** Streams that `ended` of a batch may name: over, and of the same visitor at the same level. */
export const endedWith = (record: StreamRecord, records: Iterable<StreamRecord>): StreamRecord[] =>
  [...records]
    .filter(
      ({ count, visitor, level, key }) =>
        count !== undefined && visitor === record.visitor && level === record.level && key === record.key,
    )
    .slice(0, ENDED);

const filled = (dropped: Dropped): boolean => Object.keys(dropped).length > 0;

/** A batch up to and with `"events":[`. */
export const headOf = (
  record: StreamRecord,
  session: string,
  sentAt: number,
  ended: readonly StreamRecord[],
): string => {
  const dropped = { ...record.own, ...record.lost };
  const head = JSON.stringify({
    key: record.key,
    sdk: VERSION,
    sentAt,
    stream: record.id,
    visitor: record.visitor,
    session: session || record.session,
    consent: record.level,
    page: record.page,
    ...(ended.length && { ended: ended.map(({ id, count }) => ({ stream: id, count })) }),
    ...(filled(dropped) && { dropped }),
  });
  return `${head.slice(0, -1)},"events":[`;
};
