import { shaped } from './capture/configurator.js';
import type { Kept, Offers } from './capture/context.js';
import { clean } from './capture/mask.js';
import { createViews, type Views } from './capture/views.js';
import { createDelivery } from './delivery/index.js';
import { createIdentity, isLevel, lower, refusesTracking, startLevel, stores } from './identity/index.js';
import type { Core, Extras, Late, Signals } from './late.js';
import { createGuard } from './lib/guard.js';
import { whenIdle } from './lib/idle.js';
import { listening, type Stop } from './lib/listen.js';
import { navigationEntry } from './lib/navigation-entry.js';
import { browserSeams } from './lib/seams.js';
import { createLife, type Life } from './life.js';
import { createNumbering } from './numbering.js';
import type { Level, Lintel, Options, Props, Stats } from './types.js';
import type { EventType } from '@lintel/protocol/types';

const WAIT_MS = 300;
const PATH = 1024;
/** A late part that failed is tried once more, when the network is back or after this. */
const RETRY_MS = 5000;
/** Calls and events of the page that are kept until the chunk that reads them is here. */
const KEPT = 20;

/** What the script tag's stub did before the SDK came. */
export interface Early {
  stream: string;
  /** Its queue was posted already, at level `none`. */
  posted: boolean;
  /** Wire events in the order in which the stub numbers them. */
  events: readonly (readonly [at: number, type: EventType, fields: object])[];
}

export interface Host {
  /** Address of `/v1` of the collector, without a slash at the end. */
  endpoint: string;
  /** Parts that are here already, in order; then those that are loaded at the first idle moment. */
  parts: readonly Late[];
  late: readonly (() => Promise<Late>)[];
  wanted?(name: string): boolean;
  early?: Early | undefined;
}

/** Wires one client. Everything it takes from the world comes through `options.seams`. */
export const createClient = (options: Options, host: Host): Lintel => {
  const { endpoint } = host;
  const seams = { ...browserSeams(), ...options.seams };
  const { clock } = seams;
  let faults = 0;
  let ownLongFrames = 0;
  let joined: Props = {};
  let chosenAt: number | undefined;
  let views: Views | undefined;
  let signals: Signals | undefined;
  let extras: Extras | undefined;
  let loaded: Promise<unknown> | undefined;
  const spoken: [name: keyof Offers, args: unknown[]][] = [];
  const fault = (): void => void faults++;
  const guard = createGuard(fault);
  const path = (raw: string): string => (options.path?.(clean(raw)) ?? clean(raw)).slice(0, PATH);

  // eslint-disable-next-line prefer-const -- the parts below and the life of the page need each other
  let life: Life;
  const delivery = createDelivery({
    seams,
    key: options.key,
    stream: () => life.stream()!,
    session: () => identity.session(),
    visitor: () => identity.visitor(),
    ready: () => life.identified(),
    fault,
    deleted: () => void life.setLevel(lower(life.level(), 'none'), true),
  });
  const identity = createIdentity({
    clock,
    random: seams.random,
    update: delivery.update,
    began: (session) => life.tell({ session }),
  });
  const numbering = createNumbering({
    clock,
    options,
    rate: (type) => extras?.rate(type) ?? 1,
    path: () => views?.view().path || path(location.pathname),
    append(event) {
      if (stores(life.level())) identity.touch();
      delivery.append(event);
    },
    full: delivery.full,
  });

  const start = startLevel(options.consent ?? 'none', refusesTracking(navigator));
  // posted as `none`: at another level the queue is on its way, under its own stream
  const early = host.early?.posted && start !== 'none' ? undefined : host.early;
  const [first, ...others] = early?.events ?? [];

  /** Starts everything that listens to the page. */
  const listen = (): Stop => {
    const { on, stop } = listening(guard);
    const kept: Kept[] = [];
    const keeping = listening(guard);
    let stopped = false;
    views = createViews({
      clock,
      guard,
      on,
      emit: numbering.emit,
      hash: options.hash,
      path,
      adopted: first && { at: first[0], fields: first[2] },
    });
    const own = views;
    const core: Core = {
      seams,
      guard,
      options,
      endpoint,
      path,
      views,
      kept,
      ownFrame: () => void ownLongFrames++,
      wanted: host.wanted ?? (() => true),
      unit: () => options.unit ?? (stores(life.level()) ? identity.visitor() : null),
      ready: () => life.identified(),
      delivery,
      ceiling: (to) => isLevel(to) && void life.setLevel(lower(life.level(), to)),
      stats: () => client.stats(),
    };
    const add = (part: Late): void => {
      if (stopped) return;
      signals ??= part.signals?.(core);
      if (part.sending) delivery.enrich(part.sending);
      extras ??= part.extras?.(core, signals!);
      signals!.add(part.captures ?? {});
    };
    /** Resolves when a part that did not load may be tried once more. */
    const again = (): Promise<void> =>
      new Promise((resolve) => {
        clock.after(RETRY_MS, resolve);
        on(window, 'online', () => resolve());
      });
    // first to start, so that all others have a view
    own.start();
    host.parts.forEach(guard(add));
    if (host.late[0]) {
      for (const type of ['pointerdown', 'click', 'error', 'unhandledrejection'])
        keeping.on(
          window,
          type,
          (event: Event) => {
            if (kept.length >= KEPT) return;
            // hit testing has just made the layout clean: the one moment at which a box costs nothing
            const box =
              type === 'pointerdown' && (event.composedPath()[0] as Element).getBoundingClientRect?.();
            kept.push({ event, ...(box && { box }) });
          },
          { capture: true },
        );
      loaded = new Promise<void>((resolve) =>
        whenIdle(clock, async () => {
          const parts = host.late.map((load) =>
            load().catch(() => {
              fault();
              return again().then(load);
            }),
          );
          // one after the other: what the first brings the others need
          for (const part of parts) await part.then(add).catch(fault);
          keeping.stop();
          kept.length = 0;
          for (const [name, args] of spoken.splice(0)) speak(name, args);
          resolve();
        }),
      );
    }
    return () => {
      stopped = true;
      signals?.stop();
      own.stop();
      stop();
      keeping.stop();
      views = signals = extras = undefined;
    };
  };

  life = createLife({
    seams,
    guard,
    options,
    url: `${endpoint}/events`,
    identity,
    delivery,
    numbering,
    firstStream: early?.stream,
    views: () => views,
    renewed() {
      views?.forgetClick();
      extras?.renew();
    },
    listen,
  });

  const call = (type: EventType, fields: () => object): number =>
    numbering.call(type, () => ({ after: views?.cause(), ...fields() }));
  const custom = (name: string, props?: Props): number =>
    call('custom', () => shaped({ name, props: { ...joined, ...props } }, 'name'));
  const vital = (name: string, value: number, attribution?: object): void =>
    void views?.emit('vital', { name, value: Math.round(value * 10) / 10, attribution });
  /** A call that a signal answers; kept while the signal is on its way. */
  const speak = (name: keyof Offers, args: unknown[]): unknown => {
    const answer = signals?.offers[name] as ((...all: unknown[]) => unknown) | undefined;
    if (answer) return answer(...args);
    if (spoken.length < KEPT) spoken.push([name, args]);
    return undefined;
  };

  const client: Lintel = {
    track: guard((name: string, props?: Props) => {
      if (!name?.startsWith('lintel.')) custom(name, props);
    }),
    set: (props) => void (joined = { ...joined, ...props }),
    page: guard((name?: string) => {
      views?.enter('manual', name === undefined ? {} : { path: path(name) });
    }),
    ready: guard((name?: string) => {
      const began = views?.view().startedMs || (navigationEntry()?.activationStart ?? 0);
      vital('ready', clock.tick() - began, name === undefined ? undefined : { name });
    }),
    select: guard((choice) => {
      call('option_select', () => {
        chosenAt = window.event?.timeStamp ?? clock.tick();
        return shaped(choice, 'group', 'option');
      });
    }),
    price: guard((shown) => {
      if (call('price_view', () => shaped(shown, 'priceCents')) < 0) return;
      const since = chosenAt;
      chosenAt = undefined;
      // a hidden tab paints nothing, so there is no delay to feel
      if (since === undefined || document.hidden) return;
      const painted = guard(() => vital('option_to_price', clock.tick() - since));
      requestAnimationFrame(() => void clock.after(0, painted));
    }),
    config: guard((now) => void call('config', () => shaped(now, 'model', 'priceCents'))),
    inquiry: guard(
      ({ id, ...sent }) =>
        void call('inquiry', () => shaped(life.level() === 'all' ? { id, ...sent } : sent)),
    ),
    identify: guard((customer: string) => {
      if (life.level() === 'all') custom('lintel.identify', { customer });
    }),
    reset: guard(() => {
      joined = {};
      life.reset();
    }),
    visitor: () => identity.visitor(),
    consent: ((to?: Level) =>
      to === undefined
        ? life.level()
        : isLevel(to)
          ? life.setLevel(to).catch(fault)
          : Promise.resolve()) as Lintel['consent'],
    async experiment(name, waitMs = WAIT_MS) {
      const wait = new Promise<undefined>((resolve) => void clock.after(waitMs, () => resolve(undefined)));
      await Promise.race([loaded, wait]);
      return extras?.experiment(name, wait) ?? options.assigned?.[name] ?? 'control';
    },
    variant: (name) => extras?.variant(name) ?? options.assigned?.[name],
    observe(element, name) {
      let stop: unknown;
      guard(() => void (stop = speak('observe', [element, name])))();
      return () => {
        if (typeof stop === 'function') stop();
      };
    },
    error: guard((reason: unknown, props?: Props) => void speak('error', [reason, props])),
    async flush() {
      await delivery.flush().catch(fault);
      return client.stats();
    },
    stats(): Stats {
      const stream = life.stream();
      const { count, bytes } = delivery.waiting();
      return {
        stream: stream?.id ?? '',
        level: life.level(),
        generated: numbering.next(),
        waiting: count,
        waitingBytes: bytes,
        dropped: { ...stream?.own, ...stream?.lost },
        storage: delivery.durable() ? 'indexeddb' : 'memory',
        ownMs: Math.round(numbering.ownMs() * 100) / 100,
        ownLongFrames,
        faults,
        ...delivery.tally,
      };
    },
    shutdown: async () => guard(life.stop)(),
  };

  guard(() => {
    life.start(start);
    // the rest of the stub's queue, numbered the way the stub numbers it
    for (const [at, type, fields] of others) numbering.emit(type, fields, { at, free: true });
  })();
  return client;
};
