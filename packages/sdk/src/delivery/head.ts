import type { Dropped } from '../types.js';
import { VERSION } from '../version.js';
import type { StreamRecord } from './row.js';

/** At most so many streams in `ended`. */
const ENDED = 100;

/** Streams that `ended` of a batch may name: over, and of the same visitor at the same level. */
export const endedWith = (
  { visitor, level, key }: StreamRecord,
  records: readonly StreamRecord[],
): StreamRecord[] =>
  records
    .filter(
      (other) =>
        other.count !== undefined && other.visitor === visitor && other.level === level && other.key === key,
    )
    .slice(0, ENDED);

/** A batch up to and with `"events":[`. */
export const headOf = (
  { key, id, visitor, session, level, page, own, lost }: StreamRecord,
  born: string | undefined,
  sentAt: number,
  ended: readonly StreamRecord[],
): string => {
  const dropped: Dropped = { ...own, ...lost };
  return (
    JSON.stringify({
      key,
      sdk: VERSION,
      sentAt,
      stream: id,
      visitor,
      session: born || session,
      consent: level,
      page,
      ...(ended[0] && { ended: ended.map(({ id: stream, count }) => ({ stream, count })) }),
      ...(Object.keys(dropped)[0] && { dropped }),
    }).slice(0, -1) + ',"events":['
  );
};
