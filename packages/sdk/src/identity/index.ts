import type { Update } from '../delivery/index.js';
import type { State } from '../state.js';
import { nextSession, TOUCH_MS, type Session } from './session.js';

export { isLevel, lower, raises, startLevel, stores, withdraws } from './consent.js';
export { landing, timeZone, viewportOf } from './landing.js';
export { refusesTracking } from './signals.js';

export interface Identity {
  /**
   * Reads or makes the ids; resolves when they are known, with or without storage.
   * @param anew a new visitor in a new session
   */
  open(anew?: boolean): Promise<void>;
  /** Somebody did something: the session goes on, or a new one begins. */
  touch(): void;
  /** Another tab began a session. */
  adopt(session: Session): void;
  forget(): void;
}

/**
 * @param update values on the device, the same for all tabs; asks nothing where nothing is stored
 * @param began told a session that this tab began
 */
export const createIdentity = (state: State, update: Update, began: (session: Session) => void): Identity => {
  const { clock, random } = state.seams;
  let writtenAt = 0;
  /** Grows when the visitor is forgotten: what was asked before has no say any more. */
  let epoch = 0;

  /** Goes on with the session of all tabs, or begins one: this tab's, unless another one was first. */
  const renew = async (anew?: boolean): Promise<void> => {
    const now = clock.now();
    const before = state.session;
    const born = epoch;
    const mine = nextSession(before, now, random.uuid());
    // a page's first events do not name a session before the one of all tabs is read
    if (before) state.session = mine;
    writtenAt = now;
    await update<Session>('session', (old) => {
      const next = nextSession(anew ? undefined : old, now, mine.id);
      if (born === epoch) state.session = next;
      return next;
    });
    if (born !== epoch) return;
    state.session ??= mine;
    if (state.session.id !== before?.id) began(state.session);
  };
  const forget = (): void => {
    epoch++;
    state.visitor = null;
    state.session = undefined;
  };

  return {
    async open(anew) {
      if (anew) {
        forget();
        state.visitor = random.uuid();
      }
      const born = epoch;
      let id = state.visitor ?? random.uuid();
      const known = (): void => {
        if (born === epoch) state.visitor ??= id;
      };
      await Promise.all([
        // both asked at once, and known as soon as they are read: until then nothing of this stream may leave
        update<string>('visitor', (old) => {
          if (old && !anew) id = old;
          known();
          return id;
        }),
        renew(anew),
      ]);
      // nothing was asked, or storage refuses: the ids live as long as the page
      known();
    },
    touch() {
      const { visitor, session } = state;
      if (!visitor) return;
      const now = clock.now();
      const next = session && nextSession(session, now, '');
      if (next?.id && now - writtenAt < TOUCH_MS) state.session = next;
      else void renew();
    },
    adopt(other) {
      if (state.session && other.startedAt >= state.session.startedAt) state.session = other;
    },
    forget,
  };
};
