import { clean } from './capture/mask.js';
import type { Delivery, StreamRecord } from './delivery/index.js';
import { landing, lower, stores, transition, type Identity } from './identity/index.js';
import { listen, type Stop } from './lib/listen.js';
import type { Guard } from './lib/guard.js';
import type { Seams } from './lib/seams.js';
import type { Numbering } from './numbering.js';
import type { Signals } from './signals.js';
import type { Dropped, Level, Options } from './types.js';

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
  /** Starts what listens to the page. */
  signals(): Signals;
  /** First stream, when the stub of the script tag has one. */
  firstStream: string | undefined;
}

export interface Life {
  level(): Level;
  stream(): StreamRecord | undefined;
  signals(): Signals | undefined;
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
  const { seams, guard, options, url, identity, delivery, numbering } = parts;
  const { clock, random } = seams;
  let level: Level = 'off';
  let stream: StreamRecord | undefined;
  let over = true;
  let held = false;
  let signals: Signals | undefined;
  let channel: BroadcastChannel | null = null;
  const undo: Stop[] = [];
  let identified: Promise<unknown> = Promise.resolve();

  const page = (at = level): StreamRecord['page'] =>
    landing(window, { level: at, query: options.query ?? [], clean });
  const begin = (id = random.uuid()): void => {
    const own: Dropped = {};
    stream = {
      id,
      key: options.key,
      url,
      level,
      visitor: identity.visitor(),
      session: identity.session() || null,
      page: page(),
      at: clock.now(),
      own,
      lost: {},
    };
    over = false;
    numbering.restart(own);
    signals?.context.forgetClick();
    signals?.extras()?.renew();
  };
  /** @param gone the page is over, not only its level */
  const end = (gone: boolean): void => {
    if (over || !stream) return;
    signals?.context.leave(gone);
    over = true;
    numbering.close();
    stream.count = numbering.next();
    delivery.seal(stream);
  };
  /** Finds the ids of the stream that began; nothing of it is sent before. */
  const identify = (create: boolean): void => {
    const mine = stream!;
    identified = identity.open(create).then(() => {
      if (!stores(mine.level)) return;
      mine.visitor = identity.visitor();
      mine.session ??= identity.session();
      delivery.note(mine);
      // what was written meanwhile has waited for this
      if (delivery.waiting().count) void delivery.flush();
    });
  };

  const release = (): void => {
    if (!held) return;
    held = false;
    delivery.hold(false);
  };
  const hear = (): void => {
    channel = seams.channel?.(`lintel:${options.key}`) ?? null;
    if (!channel) return;
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.session) identity.adopt(data.session);
      if (data.level) void setLevel(lower(level, data.level), true);
    };
  };
  const hush = (): void => {
    channel?.close();
    channel = null;
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
    identity.close();
    hush();
  };
  const wake = (): void => {
    hear();
    delivery.wake();
    begin();
    if (stores(level)) identify(false);
  };

  const listenToPage = (): void => {
    let leaving = false;
    const on = (target: EventTarget, type: string, handler: (event: never) => void, capture = false): void =>
      void undo.push(listen(target, type, guard(handler as () => void) as never, { capture }));
    on(window, 'pagehide', () => {
      release();
      // a page that goes away while it is seen turns hidden right after: only then have all signals spoken
      leaving = document.visibilityState !== 'hidden';
      if (!leaving) sleep();
    });
    on(document, 'visibilitychange', () => {
      if (document.visibilityState !== 'hidden') return delivery.hurry();
      release();
      if (leaving) return sleep();
      if (over) return;
      signals?.context.leave(false);
      delivery.hide();
    });
    // in the capture phase: the signals hear of it later, and speak into the new stream
    on(
      window,
      'pageshow',
      (event: PageTransitionEvent) => {
        leaving = false;
        if (event.persisted && over) wake();
        delivery.hurry();
      },
      true,
    );
    on(document, 'freeze', () => {
      delivery.sleep();
      identity.close();
    });
    on(document, 'resume', () => {
      if (!over) delivery.wake();
    });
    on(window, 'online', delivery.hurry);
  };

  const start = (to: Level): void => {
    level = to;
    if (to === 'off') return;
    const holdMs = Math.min(options.holdMs ?? 0, HOLD_MAX_MS);
    if (holdMs > 0 && !stream) {
      held = true;
      delivery.hold(true);
      clock.after(holdMs, release);
    }
    hear();
    begin(stream ? undefined : parts.firstStream);
    if (stores(level)) {
      identify(true);
      delivery.open();
    }
    listenToPage();
    signals = parts.signals();
  };
  const stop = (): void => {
    for (const one of undo.splice(0)) one();
    signals?.stop();
    signals = undefined;
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
      if (raise) {
        identify(true);
        delivery.open();
      }
      return release();
    }
    end(false);
    if (withdraw) {
      if (!remote) channel?.postMessage({ level } satisfies Message);
      const gone = Promise.all([delivery.erase(!remote), identity.forget(!remote)]);
      release();
      if (stops) {
        stop();
        hush();
      } else begin();
      const [count] = await gone;
      if (count) numbering.count('consent_withdrawn', count);
      return;
    }
    begin();
    if (!raise) return void (identified = Promise.resolve());
    let cancel!: Stop;
    const enough = new Promise<void>((resolve) => (cancel = clock.after(RAISE_MS, resolve)));
    await Promise.race([delivery.flush(), enough]);
    cancel();
    if (!stores(level)) return;
    identify(true);
    delivery.open(true);
    await identified;
  };

  return {
    level: () => level,
    stream: () => stream,
    signals: () => signals,
    identified: () => identified,
    start,
    setLevel,
    reset() {
      if (!stores(level) || over) return;
      end(false);
      const done = identity.reset();
      begin();
      const mine = stream!;
      identified = done.then(
        () => {
          mine.session = identity.session();
          delivery.note(mine);
        },
        () => {},
      );
    },
    stop() {
      release();
      end(true);
      stop();
      delivery.hide();
      delivery.sleep();
      identity.close();
      hush();
      level = 'off';
    },
    tell: (message) => channel?.postMessage(message),
  };
};
