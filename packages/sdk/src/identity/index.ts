import type { Update } from '../delivery/index.js';
import type { Clock } from '../lib/clock.js';
import type { Random } from '../lib/random.js';
import { nextSession, TOUCH_MS, type Session } from './session.js';

export { isLevel, lower, startLevel, stores, transition } from './consent.js';
export { cleanUrl, landing, timeZone } from './landing.js';
export { refusesTracking } from './signals.js';

export interface IdentityParts {
  clock: Clock;
  random: Random;
  /** Values on the device, the same for all tabs; asks nothing where nothing is stored. */
  update: Update;
  /** Told a session that this tab began. */
  began(session: Session): void;
}

export interface Identity {
  visitor(): string | null;
  /** Session of this moment; '' while unknown. */
  session(): string;
  /** Reads or makes the ids; resolves when they are known, with or without storage. */
  open(): Promise<void>;
  /** Somebody did something: the session goes on, or a new one begins. */
  touch(): void;
  /** Another tab began a session. */
  adopt(session: Session): void;
  /** A new visitor. */
  reset(): Promise<void>;
  forget(): void;
}

export const createIdentity = ({ clock, random, update, began }: IdentityParts): Identity => {
  let visitor: string | null = null;
  let session: Session | undefined;
  let writtenAt = 0;
  /** Grows when the visitor is forgotten: what was asked before has no say any more. */
  let epoch = 0;

  /** Goes on with the session of all tabs, or begins one: this tab's, unless another one was first. */
  const renew = async (): Promise<void> => {
    const now = clock.now();
    const before = session;
    const born = epoch;
    const mine = nextSession(before, now, random.uuid());
    // a page's first events do not name a session before the one of all tabs is read
    if (before) session = mine;
    writtenAt = now;
    await update<Session>('session', (old) => {
      const next = nextSession(old, now, mine.id);
      if (born === epoch) session = next;
      return next;
    }).catch(() => {});
    if (born !== epoch) return;
    session ??= mine;
    if (session.id !== before?.id) began(session);
  };

  return {
    visitor: () => visitor,
    session: () => session?.id ?? '',
    async open() {
      const born = epoch;
      const fresh = visitor ?? random.uuid();
      const known = (id: string): void => {
        if (born === epoch) visitor ??= id;
      };
      // both asked at once, and known as soon as they are read: until then nothing of this stream may leave
      const asked = update<string>('visitor', (old) => {
        known(old ?? fresh);
        return old ?? fresh;
      }).catch(() => {});
      await Promise.all([asked, renew()]);
      // nothing was asked, or storage refuses: the ids live as long as the page
      known(fresh);
    },
    touch() {
      if (!visitor) return;
      const now = clock.now();
      const next = session && nextSession(session, now, '');
      if (next?.id && now - writtenAt < TOUCH_MS) session = next;
      else void renew();
    },
    adopt(other) {
      if (session && other.startedAt >= session.startedAt) session = other;
    },
    async reset() {
      const id = (visitor = random.uuid());
      const next = (session = nextSession(undefined, clock.now(), random.uuid()));
      await update('visitor', () => id);
      await update('session', () => next);
      began(next);
    },
    forget() {
      epoch++;
      visitor = null;
      session = undefined;
    },
  };
};
