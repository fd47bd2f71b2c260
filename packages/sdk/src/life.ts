import { clean } from './capture/mask.js';
import type { Views } from './capture/views.js';
import type { Delivery, StreamRecord } from './delivery/index.js';
import { landing, lower, stores, timeZone, transition, type Identity } from './identity/index.js';
import { listening, type Stop } from './lib/listen.js';
import type { Guard } from './lib/guard.js';
import type { Seams } from './lib/seams.js';
import type { Numbering } from './numbering.js';
import type { Level, Options } from './types.js';

/** What waits leaves before the databases are made, but an outage must not put consent off. */
const RAISE_MS = 3000;
const HOLD_MAX_MS = 10_000;

export interface LifeParts {
  seams: Seams;
  guard: Guard;
  options: Options;
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
  level(): Level;
  stream(): StreamRecord | undefined;
  identified(): Promise<unknown>;
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
export const createLife = (parts: LifeParts): Life => {
  const { seams, guard, options, url, identity, delivery, numbering, views } = parts;
  const { clock, random } = seams;
  let level: Level = 'off';
  let stream: StreamRecord | undefined;
  let over = true;
  let held = false;
  let channel: BroadcastChannel | undefined;
  let deaf = (): void => {};
  let identified: Promise<unknown> | undefined;
  let zone: string | undefined;

  const page = (at = level): StreamRecord['page'] =>
    landing(window, { level: at, query: options.query ?? [], clean, zone });
  const begin = (id = random.uuid()): void => {
    stream = {
      id,
      key: options.key,
      url,
      level,
      visitor: identity.visitor(),
      session: identity.session() || null,
      page: page(),
      at: clock.now(),
      own: {},
      lost: {},
    };
    over = false;
    numbering.restart(stream.own);
    parts.renewed();
  };
  /** @param gone the page is over, not only its level */
  const end = (gone: boolean): void => {
    if (over) return;
    views()?.leave(gone);
    over = true;
    numbering.close();
    stream!.count = numbering.next();
    delivery.seal(stream!);
  };
  /** Finds the ids of the stream that began; nothing of it is sent before. */
  const identify = (known = identity.open()): void => {
    const mine = stream!;
    identified = known.then(() => {
      if (!stores(mine.level)) return;
      mine.visitor = identity.visitor();
      // in a task of its own: it may be a long one
      mine.page.timeZone = zone ??= timeZone();
      mine.session = identity.session();
      delivery.note(mine);
      // what was written meanwhile has waited for this
      if (delivery.waiting().count) void delivery.flush();
    });
  };

  const release = (): void => {
    if (held) delivery.hold((held = false));
  };
  const hear = (): void => {
    channel = seams.channel?.(`lintel:${options.key}`);
    if (channel)
      channel.onmessage = ({ data }: MessageEvent<Message>) => {
        if (data.session) identity.adopt(data.session);
        if (data.level) void setLevel(lower(level, data.level), true);
      };
  };
  const hush = (): void => {
    channel?.close();
    channel = undefined;
  };
  /** For ever, or into the back/forward cache, which held locks and open channels would cost. */
  const sleep = (): void => {
    if (stream && !over && stores(level) && !stream.visitor && !delivery.durable()) {
      // too early for an id and for the device: what nobody kept leaves as what needs neither
      Object.assign(stream, { level: 'none', session: null, page: page('none') });
    }
    end(true);
    delivery.hide();
    delivery.sleep();
    hush();
  };
  const stop = (): void => {
    deaf();
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
          hear();
          delivery.wake();
          begin();
          if (stores(level)) identify();
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
    level = to;
    if (to === 'off') return;
    const holdMs = Math.min(options.holdMs ?? 0, HOLD_MAX_MS);
    if (holdMs > 0 && !stream) {
      delivery.hold((held = true));
      clock.after(holdMs, release);
    }
    hear();
    begin(stream ? undefined : parts.firstStream);
    if (stores(level)) remember();
    listenToPage();
  };

  const setLevel = async (to: Level, remote = false): Promise<void> => {
    const from = level;
    const { change, withdraw, raise, stop: stops } = transition(from, to);
    if (!change) return release();
    if (from === 'off') return start(to);
    level = to;
    if (held && !withdraw) {
      // nothing has left yet: what waited for this answer belongs to it
      stream!.level = level;
      stream!.page = page();
      if (raise) remember();
      return release();
    }
    end(false);
    if (withdraw) {
      if (!remote) channel?.postMessage({ level } satisfies Message);
      const gone = delivery.erase(!remote);
      identity.forget();
      release();
      if (stops) stop();
      else begin();
      const count = await gone;
      if (count) numbering.count('consent_withdrawn', count);
      return;
    }
    begin();
    identified = undefined;
    if (!raise) return;
    let cancel!: Stop;
    const enough = new Promise<void>((resolve) => (cancel = clock.after(RAISE_MS, resolve)));
    await Promise.race([delivery.flush(), enough]);
    cancel();
    if (!stores(level)) return;
    remember(true);
    await identified;
  };

  return {
    level: () => level,
    stream: () => stream,
    identified: () => identified ?? Promise.resolve(),
    start,
    setLevel,
    reset() {
      if (!stores(level) || over) return;
      end(false);
      const done = identity.reset();
      begin();
      identify(done);
    },
    stop() {
      release();
      sleep();
      stop();
      level = 'off';
    },
    tell: (message) => channel?.postMessage(message),
  };
};
