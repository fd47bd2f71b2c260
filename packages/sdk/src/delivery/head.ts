import type { Dropped } from '../types.js';
import { VERSION } from '../version.js';
import type { StreamRecord } from './row.js';

/**
 * A batch up to and with `"events":[`.
 * @param born session of its events   @param ended streams that are over, of the same visitor and level
 */
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
      ended: ended[0] && ended.map(({ id: stream, count }) => ({ stream, count })),
      dropped: Object.keys(dropped)[0] && dropped,
    }).slice(0, -1) + ',"events":['
  );
};
