import { createContext, runInContext } from 'node:vm';

/** What happens to a page. Of an entry: milliseconds before now at which it began, and what else it holds. */
export type Happening =
  | { kind: 'entry'; type: string; agoMs: number; more: Readonly<Record<string, unknown>>; routeMs?: number }
  | { kind: 'pass'; ms: number }
  | { kind: 'shifts'; count: number; everyMs: number }
  | { kind: 'deliver' | 'idle' | 'frame' | 'hide' | 'show' | 'restore' | 'activate' | 'load' }
  | { kind: 'input'; type: 'click' | 'keydown'; trusted: boolean };

export interface WorldOptions {
  types: readonly string[];
  /** The browser counts interactions itself. */
  counts: boolean;
  prerendered: boolean;
  hidden: boolean;
  discarded: boolean;
  /** The script comes when so much has happened. */
  late: number;
}

/** A vital as it was told: with the numbers of its entries. */
export interface Told {
  name: string;
  value: number;
  delta: number;
  rating: string;
  nav: string;
  /** Address and start of the route, when it is one's. */
  route: readonly [string, number] | null;
  entries: readonly number[];
}

const GRID_MS = 100;

interface Entry {
  n: number;
  name: string;
  entryType: string;
  startTime: number;
  duration: number;
  [more: string]: unknown;
}
type Handler = (event: object) => void;

/** A browser made of nothing but the parts that vitals look at, turned by hand. */
export const createWorld = (options: WorldOptions) => {
  let now = 1000;
  let interactions = 0;
  const handlers = new Map<string, Set<Handler>>();
  const queues: Record<'timers' | 'idle' | 'frames', (() => void)[]> = { timers: [], idle: [], frames: [] };
  const timeline: Entry[] = [];
  const observers = new Set<{ wants(entry: Entry): boolean; queue: Entry[]; flush(): void }>();
  const record = (
    name: string,
    entryType: string,
    startTime: number,
    duration = 0,
    more: object = {},
  ): Entry => {
    const entry: Entry = { n: timeline.length, name, entryType, startTime, duration, ...more };
    timeline.push(entry);
    for (const observer of observers) if (observer.wants(entry)) observer.queue.push(entry);
    return entry;
  };
  const navigation = record('https://site.example/', 'navigation', 0, 0, {
    type: 'back_forward',
    responseStart: 100,
    activationStart: 0,
    navigationId: 17,
  });
  const document = {
    hidden: options.hidden || options.prerendered,
    prerendering: options.prerendered,
    wasDiscarded: options.discarded,
    readyState: 'interactive',
    get visibilityState() {
      return this.hidden ? 'hidden' : 'visible';
    },
    addEventListener: (type: string, handler: Handler) => listen(type, handler),
  };
  record(document.visibilityState, 'visibility-state', 0);

  const listen = (type: string, handler: Handler): void => {
    if (!handlers.has(type)) handlers.set(type, new Set());
    handlers.get(type)!.add(handler);
  };
  const dispatch = (type: string, more: object = {}): void => {
    for (const handler of [...(handlers.get(type) ?? [])])
      // one that was removed meanwhile is not called
      if (handlers.get(type)!.has(handler)) handler({ type, timeStamp: now, isTrusted: true, ...more });
  };
  const turn = (queue: (() => void)[]): void => {
    for (const work of queue.splice(0)) work();
  };
  const see = (hidden: boolean): void => {
    if (document.hidden === hidden || document.prerendering) return;
    document.hidden = hidden;
    record(document.visibilityState, 'visibility-state', now);
    dispatch('visibilitychange');
  };

  class PerformanceObserver {
    static supportedEntryTypes = options.types;
    readonly own: { wants(entry: Entry): boolean; queue: Entry[]; flush(): void };
    readonly asked = new Map<string, number>();
    constructor(told: (list: { getEntries(): Entry[] }) => void) {
      const queue: Entry[] = [];
      this.own = {
        queue,
        wants: ({ entryType, duration }) =>
          this.asked.has(entryType) && (entryType !== 'event' || duration >= this.asked.get(entryType)!),
        flush: () => {
          const entries = queue.splice(0).sort((p, q) => p.startTime - q.startTime);
          if (entries[0]) told({ getEntries: () => entries.slice() });
        },
      };
    }
    observe({ type, durationThreshold = 104 }: { type: string; durationThreshold?: number }): void {
      this.asked.set(type, Math.max(16, durationThreshold));
      observers.add(this.own);
      // of events the browser keeps those that took long
      for (const entry of timeline)
        if (entry.entryType === type && this.own.wants(entry) && (type !== 'event' || entry.duration >= 104))
          this.own.queue.push(entry);
    }
    takeRecords(): Entry[] {
      return this.own.queue.splice(0);
    }
    disconnect(): void {
      observers.delete(this.own);
      this.own.queue.length = 0;
    }
  }
  class PerformanceEventTiming {
    get interactionId(): number {
      return 0;
    }
  }
  class PerformanceSoftNavigation {
    getLargestInteractionContentfulPaint(): null {
      return null;
    }
  }
  const performance = {
    now: () => now,
    getEntriesByType: (type: string) => timeline.filter(({ entryType }) => entryType === type),
    ...(options.counts && {
      get interactionCount() {
        return interactions;
      },
    }),
  };
  if (options.counts)
    Object.defineProperty(performance, 'interactionCount', { get: () => interactions, enumerable: true });

  const global = createContext({
    document,
    performance,
    PerformanceObserver,
    PerformanceEventTiming,
    ...(options.types.includes('soft-navigation') && { PerformanceSoftNavigation }),
    Element: Object,
    queueMicrotask,
    addEventListener: listen,
    removeEventListener: (type: string, handler: Handler) => handlers.get(type)?.delete(handler),
    setTimeout: (work: () => void) => queues.timers.push(() => work()),
    clearTimeout: () => {},
    requestIdleCallback: (work: () => void) => queues.idle.push(work),
    cancelIdleCallback: () => {},
    requestAnimationFrame: (work: () => void) => queues.frames.push(work),
  });

  return {
    now: () => now,
    run: (code: string): unknown => runInContext(code, global),
    /** For code of ours that gets its clock from us. */
    timer: (work: () => void) => void queues.timers.push(work),
    idle: (work: () => void) => void queues.idle.push(work),
    async happen(one: Happening): Promise<void> {
      now++;
      if (one.kind === 'entry') {
        const { type, agoMs, more, routeMs } = one;
        // there is one first paint
        if (type === 'paint' && timeline.some(({ entryType }) => entryType === type)) return;
        // often the same, or apart by exactly what a rule says
        const startTime = Math.floor(Math.max(0, now - agoMs) / GRID_MS) * GRID_MS;
        const paint =
          routeMs === undefined ? undefined : { renderTime: startTime + routeMs, n: timeline.length };
        if (type === 'event')
          interactions = Math.max(interactions, Math.floor(Number(more['interactionId']) / 7));
        record(
          type === 'paint' ? 'first-contentful-paint' : `https://site.example/${now}`,
          type,
          startTime,
          Number(more['took'] ?? 0),
          {
            ...more,
            ...(type === 'interaction-contentful-paint' && { largestContentfulPaint: paint }),
            ...(type === 'soft-navigation' && {
              presentationTime: startTime + (routeMs ?? 0),
              getLargestInteractionContentfulPaint: () =>
                paint && {
                  n: -1,
                  entryType: 'interaction-contentful-paint',
                  interactionId: more['interactionId'],
                  startTime,
                  duration: 0,
                  largestContentfulPaint: paint,
                },
            }),
          },
        );
      } else if (one.kind === 'shifts')
        for (let n = 0; n < one.count; n++, now += one.everyMs)
          record('', 'layout-shift', now - (now % GRID_MS), 0, { value: 0.01, hadRecentInput: false });
      else if (one.kind === 'pass') now += one.ms;
      else if (one.kind === 'deliver') for (const { flush } of [...observers]) flush();
      else if (one.kind === 'idle') turn(queues.idle);
      else if (one.kind === 'frame') turn(queues.frames);
      else if (one.kind === 'hide') see(true);
      else if (one.kind === 'show') see(false);
      else if (one.kind === 'input') dispatch(one.type, { isTrusted: one.trusted });
      else if (one.kind === 'restore' && !document.prerendering && document.readyState === 'complete') {
        // no browser keeps a page that is loading
        see(true);
        now += 500;
        see(false);
        dispatch('pageshow', { persisted: true });
      } else if (one.kind === 'activate' && document.prerendering) {
        document.prerendering = false;
        navigation['activationStart'] = now;
        dispatch('prerenderingchange');
        if (!options.hidden) see(false);
      } else if (one.kind === 'load' && document.readyState !== 'complete') {
        document.readyState = 'complete';
        dispatch('load');
      }
      // microtasks, and then what was to be done in a task of its own
      await new Promise((resolve) => setImmediate(resolve));
      turn(queues.timers);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
};
