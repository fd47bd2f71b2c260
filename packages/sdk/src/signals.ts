import type { Capture, Kept } from './capture/context.js';
import { views, type Adopted } from './capture/views.js';
import { createContext, type ContextParts, type OwnContext } from './context.js';
import type { Stop } from './lib/listen.js';
import type { Extras, ExtrasParts, Late } from './late.js';

const KEPT = 20;
/** A late part that failed is tried once more, when the network is back or after this. */
const RETRY_MS = 5000;

export interface SignalsParts extends Omit<ContextParts, 'kept'> {
  captures: readonly Capture[];
  /** Loaded at the first idle moment. */
  late: readonly (() => Promise<Late>)[];
  /** Whether a late signal is wanted. */
  wanted(name: string): boolean;
  extras(context: OwnContext): Omit<ExtrasParts, 'off'>;
  fault(reason: unknown): void;
}

export interface Signals {
  context: OwnContext;
  extras(): Extras | undefined;
  /** Resolves when every late part came or failed. */
  loaded(): Promise<unknown>;
  stop(): void;
}

/** Signals worth keeping until the chunk that reads them is here. */
const keep = (context: OwnContext, kept: Kept[]): Stop => {
  const stops: Stop[] = [];
  const note = (event: Event, box?: DOMRect): void => {
    if (kept.length < KEPT) kept.push(box ? { event, box } : { event });
  };
  const on = (type: string, handler: (event: Event) => void): void => {
    addEventListener(type, handler, true);
    stops.push(() => removeEventListener(type, handler, true));
  };
  // hit testing has just made the layout clean: the one moment at which a box costs nothing
  on(
    'pointerdown',
    context.guard((event: Event) =>
      note(event, (event.composedPath()[0] as Element).getBoundingClientRect?.()),
    ),
  );
  for (const type of ['click', 'error', 'unhandledrejection']) on(type, context.guard(note));
  return () => stops.forEach((stop) => stop());
};

/** Starts everything that listens to the page; `stop` leaves no listener, observer, timer or patch behind. */
export const startSignals = (
  { captures, late, wanted, extras: extrasParts, fault, ...rest }: SignalsParts,
  adopted?: Adopted,
): Signals => {
  const kept: Kept[] = [];
  const context = createContext({ ...rest, kept });
  const running = new Map<string, Stop>();
  let extras: Extras | undefined;
  let stopped = false;
  let settle!: (all: Promise<unknown>) => void;
  const loaded = new Promise((resolve) => (settle = resolve));

  const run = (name: string, capture: Capture): void =>
    context.guard(() => {
      const scope = context.scope();
      const undo = capture(scope.context);
      running.set(name, () => {
        scope.stop();
        undo();
      });
    })();
  const off = (names: readonly string[]): void => {
    for (const name of names) {
      running.get(name)?.();
      running.delete(name);
    }
  };
  // first to start, so that all others have a view
  running.set('views', views(context, adopted));
  captures.forEach((capture, place) => run(capture.name || String(place), capture));

  const unkeep = late.length ? keep(context, kept) : undefined;
  const begin = (part: Late): void => {
    if (stopped) return;
    extras ??= part.extras?.({ ...extrasParts(context), off });
    for (const [name, capture] of Object.entries(part.captures ?? {})) if (wanted(name)) run(name, capture);
  };
  /** Resolves when a part that did not load may be tried once more. */
  const again = (): Promise<void> =>
    new Promise((resolve) => {
      context.ending(context.clock.after(RETRY_MS, resolve));
      context.on(window, 'online', resolve);
    });
  context.whenIdle(() => {
    const parts = late.map((load) =>
      load()
        .catch((reason: unknown) => {
          fault(reason);
          return again().then(load);
        })
        .then(context.guard(begin))
        .catch(fault),
    );
    settle(
      Promise.all(parts).then(() => {
        unkeep?.();
        kept.length = 0;
      }),
    );
  });

  return {
    context,
    extras: () => extras,
    loaded: () => loaded,
    stop() {
      stopped = true;
      unkeep?.();
      for (const stop of running.values()) context.guard(stop)();
      context.stop();
    },
  };
};
