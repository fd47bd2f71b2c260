import type { Views } from './capture/views.js';
import type { Delivery, StreamRecord } from './delivery/index.js';
import {
  landing,
  lower,
  raises,
  stores,
  timeZone,
  viewportOf,
  withdraws,
  type Identity,
} from './identity/index.js';
import { whenIdle } from './lib/idle.js';
import { listening, type Stop } from './lib/listen.js';
import type { Numbering } from './numbering.js';
import type { State } from './state.js';
import type { Level } from './types.js';

/** What waits leaves before the databases are made, but an outage must not put consent off. */
const RAISE_MS = 3000;
const HOLD_MAX_MS = 10_000;

export interface LifeParts {
  url: string;
  identity: Identity;
  delivery: Delivery;
  numbering: Numbering;
  /** Starts what listens to the page; → what stops it. */
  listen(): Stop;
  views(): Views | undefined;
  /** A new stream began. */
  renewed(): void;
  /** First stream, when the stub of the script tag has one. */
  firstStream: string | undefined;
}

export interface Life {
  start(level: Level): void;
  /** @param remote another tab decided, and deletes what is stored */
  setLevel(level: Level, remote?: boolean): Promise<void>;
  /** A new visitor on the same device. */
  reset(): void;
  stop(): void;
  tell(message: Message): void;
}

/** What tabs of a site tell each other. */
export interface Message {
  level?: Level;
  session?: Parameters<Identity['adopt']>[0];
}

/** Streams begin and end here: with the page, with its sleep, and with every change of level. */
export const createLife = (state: State, parts: LifeParts): Life => {
  const { seams, guard, options } = state;
  const { url, identity, delivery, numbering, views } = parts;
  const { clock, random } = seams;
  let over = true;
  let held = false;
  let channel: BroadcastChannel | undefined;
  let deaf: Stop | undefined;
  let zone: string | undefined;

  const page = (at = state.level): StreamRecord['page'] => landing(at, options.query, zone);
  const measure = (of: StreamRecord): void => void (of.page.viewport ??= viewportOf(of.level));
  const begin = (id = random.uuid()): void => {
    const { level, visitor, session } = state;
    const own = {};
    const mine: StreamRecord = (state.stream = {
      id,
      key: options.key,
      url,
      level,
      visitor,
      session: session?.id ?? null,
      page: page(),
      own,
      lost: {},
    });
    state.identified = new Promise<void>((resolve) => clock.after(0, resolve)).then(() => measure(mine));
    over = false;
    numbering.restart(own);
    parts.renewed();
  };
  /** @param gone the page is over, not only its level */
  const end = (gone: boolean): void => {
    if (over) return;
    views()?.leave(gone);
    over = true;
    measure(state.stream!);
    numbering.close();
    state.stream!.count = state.tally.generated;
    delivery.seal(state.stream!);
  };
  /** Finds the ids of the stream that began; nothing of it is sent before. */
  const identify = (known = identity.open()): void => {
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
      if (delivery.waiting().count) void delivery.flush();
    });
  };

  const release = (): void => {
    if (held) delivery.hold((held = false));
  };
  const hear = (): void => {
    if (over) return;
    channel = seams.channel?.(`lintel:${options.key}`);
    if (channel)
      channel.onmessage = ({ data }: MessageEvent<Message>) => {
        if (data.session) identity.adopt(data.session);
        if (data.level) void setLevel(lower(state.level, data.level), true);
      };
  };
  const hush = (): void => {
    channel?.close();
    channel = undefined;
  };
  /** For ever, or into the back/forward cache, which held locks and open channels would cost. */
  const sleep = (): void => {
    const { stream, level } = state;
    if (!over && stores(level) && !stream!.visitor && !delivery.durable()) {
      // too early for an id and for the device: what nobody kept leaves as what needs neither
      Object.assign(stream!, { level: 'none', session: null, page: page('none') });
    }
    end(true);
    delivery.hide();
    delivery.sleep();
    hush();
  };
  const stop = (): void => {
    deaf?.();
    hush();
  };

  const listenToPage = (): void => {
    const { on, stop: silence } = listening(guard);
    let leaving = false;
    on(window, 'pagehide', () => {
      release();
      // a page that goes away while it is seen turns hidden right after: only then have all signals spoken
      leaving = !document.hidden;
      if (!leaving) sleep();
    });
    on(document, 'visibilitychange', () => {
      if (!document.hidden) return delivery.hurry();
      release();
      if (leaving) return sleep();
      if (over) return;
      views()?.leave(false);
      delivery.hide();
    });
    // in the capture phase: the signals hear of it later, and speak into the new stream
    on(
      window,
      'pageshow',
      ({ persisted }: PageTransitionEvent) => {
        leaving = false;
        if (persisted && over) {
          delivery.wake();
          begin();
          hear();
          if (stores(state.level)) identify();
        }
        delivery.hurry();
      },
      { capture: true },
    );
    on(document, 'freeze', delivery.sleep);
    on(document, 'resume', () => {
      if (!over) delivery.wake();
    });
    on(window, 'online', delivery.hurry);
    const mute = parts.listen();
    deaf = () => {
      silence();
      mute();
    };
  };

  /** The databases, the ids, and what waits for them. */
  const remember = (now?: boolean): void => {
    delivery.open(now);
    identify();
  };
  const start = (to: Level): void => {
    state.level = to;
    if (to === 'off') return;
    if (options.holdMs! > 0 && !state.stream) {
      delivery.hold((held = true));
      clock.after(Math.min(options.holdMs!, HOLD_MAX_MS), release);
    }
    begin(state.stream ? undefined : parts.firstStream);
    // a channel costs 2 ms at a CPU four times slower; it is open before anything is stored
    whenIdle(clock, hear);
    if (stores(to)) remember();
    listenToPage();
  };

  const setLevel = async (to: Level, remote = false): Promise<void> => {
    const from = state.level;
    if (from === to) return release();
    if (from === 'off') return start(to);
    const withdraw = withdraws(from, to);
    const raise = raises(from, to);
    state.level = to;
    if (held && !withdraw) {
      // nothing has left yet: what waited for this answer belongs to it
      measure(Object.assign(state.stream!, { level: to, page: page() }));
      if (raise) remember();
      return release();
    }
    end(false);
    if (withdraw) {
      if (!remote) channel?.postMessage({ level: to } satisfies Message);
      const gone = delivery.erase(!remote);
      identity.forget();
      release();
      if (to === 'off') stop();
      else begin();
      const count = await gone;
      if (count) numbering.count('consent_withdrawn', count);
      return;
    }
    begin();
    if (!raise) return;
    await Promise.race([delivery.flush(), new Promise<void>((resolve) => clock.after(RAISE_MS, resolve))]);
    if (!stores(state.level)) return;
    remember(true);
    await state.identified;
  };

  return {
    start,
    setLevel,
    reset() {
      if (!stores(state.level) || over) return;
      end(false);
      const known = identity.open(true);
      begin();
      identify(known);
    },
    stop() {
      release();
      sleep();
      stop();
      state.level = 'off';
    },
    tell: (message) => channel?.postMessage(message),
  };
};
