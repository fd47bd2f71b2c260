import type { StreamRecord } from './row.js';

/** At most so many streams in `ended`. */
const ENDED = 100;

/** Streams that `ended` of a batch may name: over, and of the same visitor at the same level. */
export const endedWith = (
  { visitor, level, key }: StreamRecord,
  records: Iterable<StreamRecord>,
): StreamRecord[] =>
  [...records]
    .filter(
      (other) =>
        other.count !== undefined && other.visitor === visitor && other.level === level && other.key === key,
    )
    .slice(0, ENDED);
