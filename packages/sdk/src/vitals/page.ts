import { firstHidden, navigationEntry } from '../lib/navigation-entry.js';
import type { CaptureContext } from '../capture/context.js';
import type { SoftNavigation } from './entries.js';
import type { Metric, VitalName } from './metric.js';

type Host = Document & { prerendering?: boolean; wasDiscarded?: boolean };
/** Of a page that came out of the back/forward cache. */
type Restored = (event: PageTransitionEvent) => void;

export const SOFT = 'soft-navigation';
export const ROUTE_PAINT = 'interaction-contentful-paint';
export const RESTORED = 'back-forward-cache';

/** What the vitals of a page have in common: what it went through, and how they are told. */
export interface VitalsPage {
  /** Whether the browser tells soft navigations apart. */
  soft: boolean;
  /** Time from which on nothing that was painted counts, because nobody has seen it. */
  hiddenAt(): number;
  /** A route that begins is seen. */
  seen(): void;
  onHidden(work: () => void): void;
  onRestored(work: Restored): void;
  /** Runs `work` when the main thread rests, or when the page hides. */
  whenIdleOrHidden(work: () => void): void;
  /** Runs `work` when what is about to be painted has been. */
  afterPaint(work: () => void): void;
  /** A listener on the window that hears before anybody else. */
  hear(type: string, handler: (event: never) => void): void;
  /**
   * Entries of these types, from the beginning, in the order in which they ended.
   * @returns nothing where the browser knows none of them
   */
  observe<E>(
    types: readonly string[],
    handle: (entries: E[]) => void,
    durationThreshold?: number,
  ): PerformanceObserver | undefined;
  /** A vital of the navigation that is going on, or of a soft one. */
  begin(name: VitalName, value?: number, soft?: SoftNavigation): Metric;
  /** Tells a value that is new. */
  report(metric: Metric): void;
  /** The document's navigation; nothing while, or where, its times are wrong. */
  navigation(): ReturnType<typeof navigationEntry>;
  /** When the visitor began to wait: later than the navigation if it was prerendered. */
  activatedAt(): number;
  now(): number;
}

/** @param tell given each value of a vital */
export const createVitalsPage = (
  { clock, guard, random, whenIdle }: CaptureContext,
  tell: (metric: Metric) => void,
): VitalsPage => {
  let types = PerformanceObserver.supportedEntryTypes;
  const soft =
    types.includes(SOFT) &&
    !!(globalThis as never as { PerformanceSoftNavigation?: { prototype: SoftNavigation } })
      .PerformanceSoftNavigation?.prototype.getLargestInteractionContentfulPaint;
  // of an earlier form of them nothing can be told
  if (!soft) types = types.filter((type) => type !== SOFT && type !== ROUTE_PAINT);
  const hiding: (() => void)[] = [];
  const returning: Restored[] = [];
  let restored = false;

  const hear: VitalsPage['hear'] = (type, handler) =>
    addEventListener(type, guard(handler as () => void), true);
  const navigation: VitalsPage['navigation'] = () => {
    const entry = navigationEntry();
    return entry && entry.responseStart > 0 && entry.responseStart < clock.tick() ? entry : undefined;
  };
  const activatedAt = (): number => navigation()?.activationStart ?? 0;
  const unseen = (): number => (document.hidden ? 0 : Infinity);
  let hiddenAt = firstHidden(activatedAt()) ?? unseen();

  hear('visibilitychange', ({ timeStamp }: Event) => {
    if (!document.hidden) return;
    for (const work of hiding) work();
    if (hiddenAt === Infinity) hiddenAt = timeStamp;
  });
  hear('pageshow', (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    restored = true;
    // in the task after, when the page is visible again
    clock.after(0, () => (hiddenAt = unseen()));
    for (const work of returning) work(event);
  });

  const navigationType = (): string => {
    if (restored) return RESTORED;
    const entry = navigation();
    if (!entry) return 'navigate';
    if (entry.activationStart) return 'prerender';
    return (document as Host).wasDiscarded ? 'restore' : entry.type.replace('_', '-');
  };

  return {
    soft,
    hiddenAt: () => hiddenAt,
    seen: () => (hiddenAt = Infinity),
    onHidden: (work) => hiding.push(work),
    onRestored: (work) => returning.push(work),
    whenIdleOrHidden(work) {
      if (document.hidden) return work();
      let once: (() => void) | undefined = work;
      const run = guard(() => {
        removeEventListener('visibilitychange', run, true);
        const waited = once;
        once = undefined;
        waited?.();
      });
      addEventListener('visibilitychange', run, true);
      whenIdle(run);
    },
    afterPaint: (work) => requestAnimationFrame(() => requestAnimationFrame(guard(work))),
    hear,
    observe(wanted, handle, durationThreshold = 40) {
      const known = wanted.filter((type) => types.includes(type));
      if (!known[0]) return undefined;
      const observer = new PerformanceObserver((list) =>
        // Safari may call while `observe` has not returned: https://github.com/GoogleChrome/web-vitals/issues/277
        queueMicrotask(
          guard(() =>
            handle(
              list.getEntries().sort((p, q) => p.startTime + p.duration - q.startTime - q.duration) as never,
            ),
          ),
        ),
      );
      for (const type of known)
        observer.observe({ type, buffered: true, durationThreshold } as PerformanceObserverInit);
      return observer;
    },
    begin: (name, value = -1, soft) => ({
      name,
      value,
      soft,
      nav: soft ? SOFT : navigationType(),
      entries: [],
      id: random().toString(36).slice(2),
    }),
    report(metric) {
      if (metric.value < 0 || metric.value === metric.told) return;
      tell(metric);
      metric.told = metric.value;
    },
    navigation,
    activatedAt,
    now: clock.tick,
  };
};
