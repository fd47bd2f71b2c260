import type { Kept } from './capture/context.js';
import { clean } from './capture/mask.js';
import { createViews, NO_VIEW } from './capture/views.js';
import { createDelivery, newTally } from './delivery/index.js';
import { createIdentity, isLevel, lower, refusesTracking, startLevel } from './identity/index.js';
import type { Core, Late, Spoken } from './late.js';
import { wait } from './lib/clock.js';
import { createGuard } from './lib/guard.js';
import { whenIdle } from './lib/idle.js';
import type { On, Stop } from './lib/listen.js';
import { browserSeams } from './lib/seams.js';
import { createLife, type Life } from './life.js';
import { createNumbering, free } from './numbering.js';
import type { State } from './state.js';
import type { Stub } from './stub.js';
import type { Level, Lintel, Options, Props } from './types.js';
import { IS_TAG } from './version.js';
import type { EventType } from '@lintel/protocol/types';

const WAIT_MS = 300;
const PATH = 1024;
/** A late part that failed is tried once more, when the network is back or after this. */
const RETRY_MS = 5000;
/** Calls and events of the page that are kept until the chunk that reads them is here. */
const KEPT = 20;
/** What the page does that a late signal has to know. */
const MISSED = ['pointerdown', 'click', 'error', 'unhandledrejection'];

/**
 * Wires one client. Everything it takes from the world comes through `options.seams`.
 * @param endpoint address of `/v1` of the collector, without a slash at the end
 * @param loads parts that are loaded at the first idle moment, one after the other
 * @param isWanted whether a signal is wanted   @param parts those that are here already
 */
export const createClient = (
  options: Options,
  endpoint: string,
  loads: readonly (() => Promise<Late>)[],
  isWanted: (name: string) => boolean,
  rescue?: Stub,
  parts: readonly Late[] = [],
): Lintel => {
  const seams = IS_TAG ? browserSeams() : { ...browserSeams(), ...options.seams };
  const { clock } = seams;
  const tally = newTally();
  const fault = (): void => void tally.faults++;
  const guard = createGuard(fault);
  const state: State = {
    seams,
    options,
    guard,
    fault,
    tally,
    level: 'off',
    totals: {},
    visitor: null,
    view: NO_VIEW,
    late: {},
  };
  let joined: Props = {};
  let chosenAt: number | undefined;
  let loaded: Promise<unknown> | undefined;
  let spoken: [name: keyof Spoken, args: unknown[]][] = [];
  const path = (raw: string): string => {
    const text = clean(raw);
    return (IS_TAG ? text : (options.path?.(text) ?? text)).slice(0, PATH);
  };
  const given = (name: string): string | undefined => (IS_TAG ? undefined : options.assigned?.[name]);

  // eslint-disable-next-line prefer-const -- the parts below and the life of the page need each other
  let life: Life;
  const delivery = createDelivery(state, () => void life.setLevel(lower(state.level, 'none'), true));
  const identity = createIdentity(state, delivery.update);
  const emit = createNumbering(
    state,
    path,
    (...event) => {
      identity.touch();
      delivery.append(...event);
    },
    delivery.isFull,
  );

  const start = startLevel(options.consent, refusesTracking(navigator));
  // posted as `none`: at another level the queue is on its way, under its own stream
  const stub = rescue?.p && start !== 'none' ? undefined : rescue;
  const [first, ...others] = (stub?.q ?? []).filter(([, type]) => type !== 'consent');
  const { enter, changed, watch } = createViews(state, emit, path, first);

  /** Starts everything that listens to the page. */
  const listen = (on: On): Stop => {
    const kept: Kept[] = [];
    let room = KEPT;
    const late: Core['state']['late'] = (state.late = {});
    const core: Core = {
      state,
      endpoint,
      path,
      emit,
      changed,
      kept,
      isWanted,
      delivery,
      setLevel: life.setLevel,
      stats: () => client.stats(),
    };
    const add = ({ join, captures = {} }: Late): void => {
      // stopped meanwhile
      if (late !== state.late) return;
      Object.assign(late, join?.(core));
      late.add!(captures);
    };
    // first to start, so that all others have a view
    watch(on);
    if (!IS_TAG) parts.forEach(guard(add));
    if (IS_TAG || loads[0]) {
      for (const type of MISSED)
        on(
          window,
          type,
          (event: Event) => {
            if (room-- > 0)
              kept.push({
                event,
                // hit testing has just made the layout clean: the one moment at which a box costs nothing
                box:
                  type === MISSED[0]
                    ? (event.composedPath()[0] as Element).getBoundingClientRect?.()
                    : undefined,
              });
          },
          { capture: true },
        );
      loaded = new Promise<void>((resolve) =>
        whenIdle(clock, async () => {
          // one after the other: what the first brings the others need
          for (const load of loads)
            await load()
              .catch(() => {
                fault();
                return new Promise<unknown>((resolve) => {
                  clock.after(RETRY_MS, resolve as () => void);
                  on(window, 'online', resolve);
                }).then(load);
              })
              .then(add)
              .catch(fault);
          room = kept.length = 0;
          const calls = spoken;
          spoken = [];
          for (const [name, args] of calls) speak(name, ...args);
          resolve();
        }),
      );
    }
    return () => {
      late.stop?.();
      state.late = {};
    };
  };

  life = createLife(state, `${endpoint}/events`, identity, delivery, listen, stub?.s);

  const call = (type: EventType, fields: object): number =>
    emit(type, { after: state.late.cause?.(), ...fields });
  const custom = (name: string, props?: Props): number =>
    call('custom', { name, props: { ...joined, ...props } });
  /** A call that a late part answers; kept while it is on its way. */
  const speak = (name: keyof Spoken, ...args: unknown[]): unknown => {
    const answer = state.late[name] as ((...all: unknown[]) => unknown) | undefined;
    if (answer) return guard(answer)(...args);
    if (spoken.length < KEPT) spoken.push([name, args]);
    return undefined;
  };

  const client: Lintel = {
    track(name: string, props) {
      if (!name?.startsWith('lintel.')) custom(name, props);
    },
    set: (props) => void (joined = { ...joined, ...props }),
    page: (name) => enter('manual', name === undefined ? {} : { path: path(name) }),
    ready: (name) => void speak('ready', name, clock.tick()),
    select(choice) {
      chosenAt = window.event?.timeStamp ?? clock.tick();
      call('option_select', choice);
    },
    price(shown) {
      if (call('price_view', shown) < 0) return;
      if (chosenAt !== undefined) state.late.priced?.(chosenAt);
      chosenAt = undefined;
    },
    config: (now) => void call('config', now),
    inquiry: ({ id, ...sent }) => void call('inquiry', state.level === 'all' ? { id, ...sent } : sent),
    identify: (customer) => void (state.level === 'all' && custom('lintel.identify', { customer })),
    reset() {
      joined = {};
      life.reset();
    },
    visitor: () => state.visitor,
    consent: ((to?: Level) =>
      to === undefined
        ? state.level
        : Promise.resolve(isLevel(to) && life.setLevel(to)).catch(fault)) as Lintel['consent'],
    async experiment(name, waitMs = WAIT_MS) {
      const over = wait(clock, waitMs);
      await Promise.race([loaded, over]);
      return state.late.experiment?.(name, over) ?? given(name) ?? 'control';
    },
    variant: (name) => state.late.variant?.(name) ?? given(name),
    observe: (element, name) => (speak('observe', element, name) ?? (() => {})) as Stop,
    error: (reason, props) => void speak('error', reason, props),
    flush: () => delivery.flush().catch(fault).then(client.stats),
    stats() {
      const { stream, level } = state;
      const { count, bytes } = delivery.waiting();
      return {
        ...tally,
        stream: stream?.id ?? '',
        level,
        waiting: count,
        waitingBytes: bytes,
        dropped: { ...stream?.own, ...stream?.lost },
        storage: delivery.isDurable() ? 'indexeddb' : 'memory',
      };
    },
    shutdown: async () => guard(life.end)(),
  };
  const calls = client as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name in calls) calls[name] = guard(calls[name]!);

  guard(() => {
    life.begin(start);
    // the rest of the stub's queue, numbered the way the stub numbers it
    for (const [at, type, fields] of others) emit(type as EventType, { ...(fields as object) }, at, free);
  })();
  return client;
};
