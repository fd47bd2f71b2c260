import { configurator, type Configurator } from './capture/configurator.js';
import type { Capture, CaptureSettings, Offers } from './capture/context.js';
import { clean } from './capture/mask.js';
import type { Adopted } from './capture/views.js';
import { createDelivery } from './delivery/index.js';
import { createIdentity, isLevel, lower, refusesTracking, startLevel, stores } from './identity/index.js';
import type { Late } from './late.js';
import { createGuard } from './lib/guard.js';
import { browserSeams } from './lib/seams.js';
import { createLife, type Life } from './life.js';
import { createNumbering } from './numbering.js';
import { startSignals } from './signals.js';
import type { Level, Lintel, Options, Props, Stats } from './types.js';
import type { EventType } from '@lintel/protocol/types';

const WAIT_MS = 300;
const PATH = 1024;
const SPOKEN = 20;
const SYNC_TAG = 'lintel';

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
  late: readonly (() => Promise<Late>)[];
  wanted?(name: string): boolean;
  captures: readonly Capture[];
  early?: Early | undefined;
}

/** Background Sync: a service worker of the site may send what this page could not. */
const askWorker = async (): Promise<void> => {
  type Sync = ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } };
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers?.controller) return;
  await ((await workers.ready) as Sync).sync?.register(SYNC_TAG);
};

/** Wires one client. Everything it takes from the world comes through `options.seams`. */
export const createClient = (options: Options, host: Host): Lintel => {
  const seams = { ...browserSeams(), ...options.seams };
  const { clock, random } = seams;
  let faults = 0;
  let ownLongFrames = 0;
  let joined: Props = {};
  const fault = (): void => void faults++;
  const guard = createGuard(fault);
  const spoken: [name: keyof Offers, args: unknown[]][] = [];
  const path = (raw: string): string => (options.path?.(clean(raw)) ?? clean(raw)).slice(0, PATH);
  const settings: CaptureSettings = {
    key: options.key,
    endpoint: host.endpoint,
    hash: options.hash ?? false,
    path,
    traceOrigins: options.traceOrigins ?? [],
    console: options.console ?? false,
    ...(options.target && { target: options.target }),
  };

  // eslint-disable-next-line prefer-const -- the parts below and the life of the page need each other
  let life: Life;
  const identity = createIdentity(seams, (session) => life.tell({ session }));
  const delivery = createDelivery({
    seams,
    key: options.key,
    stream: () => life.stream()!,
    session: identity.session,
    visitor: identity.visitor,
    ready: () => life.identified(),
    update: (key, change) => identity.cold()?.update(key, change) ?? Promise.resolve(),
    fault,
    deleted: () => void life.setLevel(lower(life.level(), 'none'), true),
    failed: () => void askWorker().catch(fault),
  });
  const numbering = createNumbering({
    clock,
    options,
    rate: (type) => life.signals()?.extras()?.rate(type) ?? 1,
    path: () => life.signals()?.context.view().path || path(location.pathname),
    append(event) {
      if (stores(life.level())) identity.touch();
      delivery.append(event);
    },
  });

  const start = startLevel(options.consent ?? 'none', refusesTracking(navigator));
  // posted as `none`: at another level the queue is on its way, under its own stream
  const early = host.early?.posted && start !== 'none' ? undefined : host.early;
  const [first, ...others] = early?.events ?? [];
  const adopted: Adopted | undefined = first && { at: first[0], fields: first[2] };

  life = createLife({
    seams,
    guard,
    options,
    url: `${host.endpoint}/events`,
    identity,
    delivery,
    numbering,
    firstStream: early?.stream,
    signals: () => {
      const signals = startSignals(
        {
          seams,
          guard,
          settings,
          emit: numbering.emit,
          ownFrame: () => void ownLongFrames++,
          captures: [...host.captures, ...(options.capture ?? [])],
          late: host.late,
          wanted: host.wanted ?? (() => true),
          fault,
          extras: (context) => ({
            context,
            options,
            clock,
            random: random.number,
            unit: () => options.unit ?? (stores(life.level()) ? identity.visitor() : null),
            ready: () => life.identified(),
            cold: identity.cold,
            fetch: (url) => seams.transport.fetch(url, { credentials: 'omit' }),
            pause: delivery.pause,
            ceiling: (to) => isLevel(to) && void life.setLevel(lower(life.level(), to)),
            stats: () => client.stats(),
          }),
        },
        adopted,
      );
      void signals.loaded().then(() => {
        for (const [name, args] of spoken.splice(0)) speak(name, args);
      });
      return signals;
    },
  });

  const context = () => life.signals()?.context;
  const house = (): Configurator => context()!.share(configurator);
  const call = (type: EventType, fields: () => object): number =>
    numbering.call(type, () => ({ after: context()?.cause(), ...fields() }));
  const custom = (name: string, props?: Props): number =>
    call('custom', () => {
      if (!name) throw TypeError('an event needs a name');
      return { name, props: { ...joined, ...props } };
    });
  /** A call that a signal answers; kept while the signal is on its way. */
  const speak = (name: keyof Offers, args: unknown[]): unknown => {
    const answer = context()?.offers[name] as ((...all: unknown[]) => unknown) | undefined;
    if (answer) return answer(...args);
    if (spoken.length < SPOKEN) spoken.push([name, args]);
    return undefined;
  };

  const client: Lintel = {
    track: guard((name: string, props?: Props) => {
      if (!name?.startsWith('lintel.')) custom(name, props);
    }),
    set: (props) => void (joined = { ...joined, ...props }),
    page: guard((name?: string) => {
      context()?.enter('manual', name === undefined ? {} : { path: path(name) });
    }),
    ready: guard((name?: string) => {
      if (context()) house().ready(name);
    }),
    select: guard((choice) => void call('option_select', () => house().select(choice))),
    price: guard((shown) => {
      if (call('price_view', () => house().price(shown)) >= 0) house().painted();
    }),
    config: guard((now) => void call('config', () => house().config(now))),
    inquiry: guard(
      ({ id, ...sent }) =>
        void call('inquiry', () => house().inquiry(life.level() === 'all' ? { id, ...sent } : sent)),
    ),
    identify: guard((customer: string) => {
      if (life.level() === 'all') custom('lintel.identify', { customer });
    }),
    reset: guard(() => {
      joined = {};
      life.reset();
    }),
    visitor: identity.visitor,
    consent: ((to?: Level) =>
      to === undefined
        ? life.level()
        : isLevel(to)
          ? life.setLevel(to).catch(fault)
          : Promise.resolve()) as Lintel['consent'],
    async experiment(name, waitMs = WAIT_MS) {
      const given = options.assigned?.[name];
      const signals = life.signals();
      if (!signals) return given ?? 'control';
      const wait = new Promise<undefined>((resolve) => void clock.after(waitMs, () => resolve(undefined)));
      await Promise.race([signals.loaded(), wait]);
      return (await signals.extras()?.experiment(name, wait)) ?? given ?? 'control';
    },
    variant: (name) => life.signals()?.extras()?.variant(name) ?? options.assigned?.[name],
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
