import { noteTarget } from '../capture/targets.js';
import type { SoftNavigation } from './entries.js';
import { ROUTE_PAINT, SOFT, type VitalsPage } from './page.js';

const DOCUMENT = 'largest-contentful-paint';

type Paint = PerformanceEntry & {
  renderTime?: number;
  interactionId?: number;
  largestContentfulPaint?: Paint | null;
};

/** Largest Contentful Paint: of what was painted before the visitor did something, the page hid or the route ended. */
export const lcp = (page: VitalsPage): void => {
  const { soft } = page;
  let metric = page.begin('LCP');
  /** Goes on when the page comes back. */
  let route: SoftNavigation | undefined;
  let final = false;
  /** Without soft navigations there is only one. */
  let over = false;

  const finish = (): void => {
    if (!final) page.report(metric);
    final = true;
  };
  const add = (paint: Paint | null | undefined, paintedAt: number, startMs: number): void => {
    if (paint) noteTarget(paint);
    if (paintedAt >= page.hiddenAt()) return;
    metric.value = Math.max(paintedAt - startMs, 0);
    metric.entries = paint ? [paint] : [];
  };
  const handle = (entries: Paint[]): void => {
    // a browser that knows no routes is done with the first; of several entries the last is the largest
    for (const entry of soft ? entries : over ? [] : entries.slice(-1)) {
      const { entryType, startTime, largestContentfulPaint: paint } = entry;
      if (entryType === SOFT) {
        finish();
        route = entry as SoftNavigation;
        metric = page.begin('LCP', -1, route);
        final = false;
        page.seen();
        const largest = route.getLargestInteractionContentfulPaint?.();
        if (largest) handle([largest]);
      } else if (entryType === DOCUMENT) add(entry, startTime, page.activatedAt());
      else if (entry.interactionId === route?.interactionId) add(paint, paint?.renderTime || 0, startTime);
    }
  };
  const observer = page.observe([DOCUMENT, ROUTE_PAINT, SOFT], handle);
  if (!observer) return;
  for (const type of ['keydown', 'click', 'visibilitychange'])
    page.hear(type, ({ isTrusted }: Event) => {
      if (!isTrusted || final || over) return;
      const { id } = metric;
      page.whenIdleOrHidden(() => {
        if (final) return;
        over = !soft;
        if (id === metric.id) finish();
      });
    });
  page.onRestored(({ timeStamp }) => {
    metric = page.begin('LCP');
    final = false;
    page.afterPaint(() => {
      metric.value = page.now() - timeStamp;
      final = true;
      page.report(metric);
    });
  });
};
