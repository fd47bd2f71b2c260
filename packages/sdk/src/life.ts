import type { Delivery, StreamRecord } from './delivery/index.js';
import {
  isLevel,
  landing,
  lower,
  raises,
  stores,
  timeZone,
  viewportOf,
  withdraws,
  type Identity,
} from './identity/index.js';
import { wait } from './lib/clock.js';
import { whenIdle } from './lib/idle.js';
import { listening, type On, type Stop } from './lib/listen.js';
import { countLoss } from './numbering.js';
import type { State } from './state.js';
import type { Level } from './types.js';

/** What waits leaves before the databases are made, but an outage must not put consent off. */
const RAISE_MS = 3000;
const HOLD_MAX_MS = 10_000;

export interface Life {
  begin(level: Level): void;
  /** @param remote another tab decided, and deletes what is stored */
  setLevel(level: Level, remote?: boolean): Promise<void>;
  /** A new visitor on the same device. */
  reset(): void;
  end(): void;
}

/** What tabs of a site tell each other: a level that was withdrawn to, or a session that began. */
type Message = Level | Parameters<Identity['adopt']>[0];

/**
 * Streams begin and end here: with the page, with its sleep, and with every change of level.
 * @param url where events go   @param listen starts what listens to the page; → what stops the rest of it
 * @param firstStream when the stub of the script tag has one
 */
export const createLife = (
  state: State,
  url: string,
  identity: Identity,
  delivery: Delivery,
  listen: (on: On) => Stop,
  firstStream: string | undefined,
): Life => {
  const { seams, guard, options, tally } = state;
  const { clock, random } = seams;
  const { key } = options;
  let deaf: Stop | undefined;
  let zone: string | undefined;

  const page = (): StreamRecord['page'] => landing(state.level, options.query, zone);
  const measure = (of: StreamRecord): void => void (of.page.viewport ??= viewportOf(of.level));
  const beginStream = (id = random.uuid()): void => {
    const { level, visitor, session } = state;
    const mine: StreamRecord = (state.stream = {
      id,
      key,
      url,
      level,
      visitor,
      session: session?.id ?? null,
      page: page(),
      own: state.totals,
      lost: {},
    });
    state.identified = wait(clock, 0).then(() => measure(mine));
    state.live = true;
    tally.generated = 0;
    state.late.renew?.();
  };
  /** @param gone the page is over, not only its level */
  const endStream = (gone?: boolean): void => {
    if (!state.live) return;
    state.late.leave?.(gone);
    state.live = false;
    state.totals = {};
    const mine = state.stream!;
    measure(mine);
    mine.count = tally.generated;
    delivery.note(mine);
  };
  /** Finds the ids of the stream that began; nothing of it is sent before. */
  const identify = (known = identity.recognise()): void => {
    const mine = state.stream!;
    state.identified = known.then(() => {
      if (!stores(mine.level) || !state.visitor) return;
      mine.visitor = state.visitor;
      // in a task of its own: it may be a long one
      mine.page.timeZone = zone ??= timeZone();
      mine.session = state.session?.id ?? null;
      measure(mine);
      delivery.note(mine);
      // what was written meanwhile has waited for this
      void delivery.flush();
    });
  };

  const hear = (): void => {
    if (!state.live) return;
    const channel = (state.channel = seams.channel?.(`lintel:${key}`));
    if (channel)
      channel.onmessage = ({ data }: MessageEvent<Message>) => {
        if (isLevel(data)) void setLevel(lower(state.level, data), true);
        else identity.adopt(data);
      };
  };
  const hush = (): void => {
    state.channel?.close();
    state.channel = undefined;
  };
  /** For ever, or into the back/forward cache, which held locks and open channels would cost. */
  const sleep = (): void => {
    const { stream, level } = state;
    if (state.live && stores(level) && !stream!.visitor && !delivery.isDurable()) {
      // too early for an id and for the device: what nobody kept leaves as what needs neither
      Object.assign(stream!, { level: 'none', session: null, page: landing('none', options.query) });
    }
    endStream(true);
    delivery.leave();
    delivery.sleep();
    hush();
  };
  const silence = (): void => {
    deaf?.();
    hush();
  };

  const listenToPage = (): void => {
    const { on, stop } = listening(guard);
    let leaving = false;
    on(window, 'pagehide', () => {
      delivery.release();
      // a page that goes away while it is seen turns hidden right after: only then have all signals spoken
      leaving = !document.hidden;
      if (!leaving) sleep();
    });
    on(document, 'visibilitychange', () => {
      if (!document.hidden) return delivery.hurry();
      delivery.release();
      if (leaving) return sleep();
      if (!state.live) return;
      state.late.leave?.();
      delivery.leave();
    });
    // in the capture phase: the signals hear of it later, and speak into the new stream
    on(
      window,
      'pageshow',
      ({ persisted }: PageTransitionEvent) => {
        leaving = false;
        if (persisted && !state.live) {
          delivery.awake();
          beginStream();
          hear();
          if (stores(state.level)) identify();
        }
        delivery.hurry();
      },
      { capture: true },
    );
    on(document, 'freeze', delivery.sleep);
    on(document, 'resume', () => {
      if (state.live) delivery.awake();
    });
    on(window, 'online', delivery.hurry);
    const mute = listen(on);
    deaf = () => {
      stop();
      mute();
    };
  };

  /** The databases, the ids, and what waits for them. */
  const remember = (now?: boolean): void => {
    delivery.openLog(now);
    identify();
  };
  const begin = (to: Level): void => {
    state.level = to;
    if (to === 'off') return;
    if (options.holdMs! > 0 && !state.stream) {
      state.held = true;
      clock.after(Math.min(options.holdMs!, HOLD_MAX_MS), delivery.release);
    }
    beginStream(state.stream ? undefined : firstStream);
    // a channel costs 2 ms at a CPU four times slower; it is open before anything is stored
    whenIdle(clock, hear);
    if (stores(to)) remember();
    listenToPage();
  };

  const setLevel = async (to: Level, remote?: boolean): Promise<void> => {
    const from = state.level;
    if (from === to) return delivery.release();
    if (from === 'off') return begin(to);
    const withdraw = withdraws(from, to);
    const raise = raises(from, to);
    state.level = to;
    if (state.held && !withdraw) {
      // nothing has left yet: what waited for this answer belongs to it
      measure(Object.assign(state.stream!, { level: to, page: page() }));
      if (raise) remember();
      return delivery.release();
    }
    endStream();
    if (withdraw) {
      if (!remote) state.channel?.postMessage(to satisfies Message);
      const gone = delivery.erase(!remote);
      identity.forget();
      delivery.release();
      if (to === 'off') silence();
      else beginStream();
      const count = await gone;
      if (count) countLoss(state, 'consent_withdrawn', count);
      return;
    }
    beginStream();
    if (!raise) return;
    await Promise.race([delivery.flush(), wait(clock, RAISE_MS)]);
    if (!stores(state.level)) return;
    remember(true);
    await state.identified;
  };

  return {
    begin,
    setLevel,
    reset() {
      if (!stores(state.level) || !state.live) return;
      endStream();
      // before the next stream begins, which then belongs to nobody else if the page dies now
      const known = identity.recognise(true);
      beginStream();
      identify(known);
    },
    end() {
      delivery.release();
      sleep();
      silence();
      state.level = 'off';
    },
  };
};
