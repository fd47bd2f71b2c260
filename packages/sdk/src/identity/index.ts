import type { Seams } from '../lib/seams.js';
import { openCold, type Cold } from './cold.js';
import { nextSession, TOUCH_MS, type Session } from './session.js';

export type { Cold } from './cold.js';
export { isLevel, lower, startLevel, stores, transition } from './consent.js';
export { cleanUrl, landing } from './landing.js';
export { refusesTracking } from './signals.js';

export interface Identity {
  visitor(): string | null;
  /** Session of this moment; '' while unknown. */
  session(): string;
  /** Reads or makes the ids; resolves when they are known, with or without storage. */
  open(create: boolean): Promise<void>;
  /** Somebody did something: the session goes on, or a new one begins. */
  touch(): void;
  /** Another tab began a session. */
  adopt(session: Session): void;
  /** A new visitor. */
  reset(): Promise<void>;
  close(): void;
  /** @param remove deletes what is stored; another tab does it otherwise */
  forget(remove: boolean): Promise<unknown>;
  /** The values next to the ids; null where nothing may be stored. */
  cold(): Cold | null;
}

/** @param began told a session that this tab began */
export const createIdentity = (
  { storage, random, clock }: Seams,
  began: (session: Session) => void,
): Identity => {
  let visitor: string | null = null;
  let session: Session | undefined;
  let writtenAt = 0;
  let mayCreate = false;
  let active = false;
  const cold = storage && openCold(storage, () => mayCreate);

  const renew = async (): Promise<void> => {
    const now = clock.now();
    const before = session?.id;
    const candidate = nextSession(session, now, random.uuid());
    session = candidate;
    writtenAt = now;
    await cold?.update<Session>('session', (old) => (session = nextSession(old, now, candidate.id)));
    if (session.id !== before) began(session);
  };

  return {
    visitor: () => visitor,
    session: () => session?.id ?? '',
    async open(create) {
      mayCreate = create;
      active = true;
      try {
        let id = '';
        await cold?.update<string>('visitor', (old) => (id = old ?? random.uuid()));
        visitor ??= id || random.uuid();
        await renew();
      } catch {
        // storage refuses: the ids live as long as the page
        if (active) visitor ??= random.uuid();
      }
    },
    touch() {
      const now = clock.now();
      if (!session || nextSession(session, now, '').id === '' || now - writtenAt >= TOUCH_MS) {
        if (visitor) renew().catch(() => {});
      } else session.lastAt = now;
    },
    adopt(other) {
      if (session && other.startedAt >= session.startedAt) session = other;
    },
    async reset() {
      visitor = random.uuid();
      session = undefined;
      const now = clock.now();
      const next = (session = nextSession(undefined, now, random.uuid()));
      await cold?.set('visitor', visitor);
      await cold?.set('session', next);
      began(next);
    },
    close: () => cold?.close(),
    async forget(remove) {
      visitor = null;
      session = undefined;
      active = false;
      mayCreate = false;
      if (remove) return cold?.erase();
      cold?.close();
    },
    cold: () => (active && cold) || null,
  };
};
