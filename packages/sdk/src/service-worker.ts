import { STREAMS } from './delivery/format.js';
import { createOutbox } from './delivery/outbox.js';
import { openLog, read } from './delivery/outbox-indexeddb.js';
import type { StreamRecord } from './delivery/row.js';
import { createSender } from './delivery/sender.js';
import { newTally } from './delivery/tally.js';
import { browserSeams, type Seams } from './lib/seams.js';

/** Tag that the page registers after a failed attempt. */
const TAG = 'lintel';

/**
 * Sends what pages of this site left in the log, with the same lock and the same sender as a page. Opens the database
 * only if it exists, and messages no page: a message would throw it out of the back/forward cache.
 * @returns whether all of it was sent; true as well when there is nothing
 */
export const drainLog = async (seams: Seams): Promise<boolean> => {
  const { storage } = seams;
  const log = storage && (await openLog(storage, false, () => {}).catch(() => null));
  if (!log) return true;
  try {
    const outbox = createOutbox(() => {});
    outbox.attach(log);
    const [first] = await read<StreamRecord[]>(log, STREAMS, (streams) => streams.getAll(null, 1));
    if (!first) return true;
    const sender = createSender(
      seams,
      outbox,
      first.key,
      newTally(),
      new Set(),
      () => Promise.resolve(),
      // it leaves to a page what a page has to know first
      () => null,
      () => {},
    );
    const ok = await sender.drain();
    sender.stop();
    return ok;
  } finally {
    log.close();
  }
};

type SyncEvent = Event & { tag: string; waitUntil(work: Promise<unknown>): void };

/**
 * For the site's own service worker: `flushOnSync(self)`. A rejected promise makes the browser try again later.
 */
export const flushOnSync = (scope: EventTarget): void => {
  scope.addEventListener('sync', (event) => {
    const { tag } = event as SyncEvent;
    if (tag !== TAG) return;
    (event as SyncEvent).waitUntil(
      drainLog(browserSeams()).then((ok) => {
        if (!ok) throw new Error('lintel: not everything could be sent');
      }),
    );
  });
};
