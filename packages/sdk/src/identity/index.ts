import type { Update } from '../delivery/index.js';
import type { State } from '../state.js';
import { nextSession, TOUCH_MS, type Session } from './session.js';

export { isLevel, lower, raises, startLevel, stores, withdraws } from './consent.js';
export { landing, timeZone, viewportOf } from './landing.js';
export { refusesTracking } from './signals.js';

/** Who somebody is, as the device remembers it for all tabs. */
interface Known {
  id: string;
  session: Session;
}

export interface Identity {
  /**
   * Reads or makes the ids; resolves when they are known, with or without storage.
   * @param anew a new visitor in a new session, known at once, whatever the device knows; the old one is forgotten
   */
  recognise(anew?: boolean): Promise<void>;
  /** Somebody did something: the session goes on, or a new one begins; nothing while nobody is known. */
  touch(): void;
  /** Another tab began a session. */
  adopt(session: Session): void;
  forget(): void;
}

/** @param update values on the device, the same for all tabs; asks nothing where nothing is stored */
export const createIdentity = (state: State, update: Update): Identity => {
  const { clock, random } = state.seams;
  let writtenAt = 0;
  /** Grows when the visitor is forgotten: what was asked before has no say any more. */
  let epoch = 0;

  const forget = (): void => {
    epoch++;
    state.visitor = null;
    state.session = undefined;
  };
  const recognise = async (anew?: boolean): Promise<void> => {
    if (anew) forget();
    const before = state.session;
    const born = epoch;
    const now = (writtenAt = clock.now());
    const id = random.uuid();
    const fresh = random.uuid();
    /** Goes on with what all tabs know, or begins it: this tab's, unless another one was first. */
    const decide = (old?: Known): Known => {
      const known = anew ? undefined : old;
      const visitor = known?.id ?? state.visitor ?? id;
      const session = nextSession(known?.session ?? state.session, now, fresh);
      if (born === epoch) {
        state.visitor ??= visitor;
        state.session = session;
      }
      return { id: visitor, session };
    };
    // a page's first events do not name a session before the one of all tabs is read
    if (before || anew) decide();
    await update('visitor', decide);
    if (born !== epoch) return;
    // nothing was asked, or storage refuses: the ids live as long as the page
    const { session } = decide();
    if (session.id !== before?.id) state.channel?.postMessage(session);
  };

  return {
    recognise,
    touch() {
      const { visitor, session } = state;
      if (!visitor) return;
      const now = clock.now();
      const next = session && nextSession(session, now, '');
      if (next?.id && now - writtenAt < TOUCH_MS) state.session = next;
      else void recognise();
    },
    adopt(other) {
      if (state.session && other.startedAt >= state.session.startedAt) state.session = other;
    },
    forget,
  };
};
