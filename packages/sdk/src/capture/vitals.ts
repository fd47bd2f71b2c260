import type { Metric, MetricType } from 'web-vitals';
import { onCLS } from 'web-vitals/onCLS.js';
import { onFCP } from 'web-vitals/onFCP.js';
import { onINP } from 'web-vitals/onINP.js';
import { onLCP } from 'web-vitals/onLCP.js';
import { onTTFB } from 'web-vitals/onTTFB.js';
import { attribute, nodeOf } from './attribution.js';
import type { Capture, CaptureContext } from './context.js';

const tell = (context: CaptureContext, metric: Metric, targets: WeakMap<object, string>): void => {
  const { name, value, delta, id, rating, navigationType, navigationURL } = metric;
  const digits = name === 'CLS' ? 1e4 : 10;
  const round = (number: number, to = digits): number => Math.round(number * to) / to;
  // what fits a map of the wire: names and times
  const attribution: Record<string, string | number> = {};
  const parts = attribute(
    metric,
    (entry) => targets.get(entry) ?? (entry.id ? `#${entry.id}` : entry.targetSelector),
  );
  for (const [key, part] of Object.entries(parts)) {
    if (typeof part === 'number') attribution[key] = round(part, 10);
    else if (part) attribution[key] = part.replace(/[?#].*$/, '').slice(0, 256);
  }
  context.emit('vital', {
    name,
    value: round(value),
    delta: round(delta),
    id: id.slice(0, 64),
    rating,
    nav: navigationType,
    attribution,
    // of the route it was measured on, which may be gone
    ...(navigationType === 'soft-navigation' &&
      navigationURL && { path: context.settings.path(new URL(navigationURL, location.href).pathname) }),
  });
};

/** web-vitals cannot be stopped, so a page starts it once, however often a client starts and stops. */
const once = (): Capture => {
  const listening = new Set<CaptureContext>();
  /** Selectors by entry, made when the entry comes: a dialog that was clicked away is gone when its INP is told. */
  const targets = new WeakMap<object, string>();
  let started = false;
  const report = (metric: MetricType): void => {
    for (const context of listening) context.guard(tell)(context, metric, targets);
  };
  const note = ({ entries }: MetricType): void => {
    const [context] = listening;
    for (const entry of entries) {
      const node = nodeOf(entry as never);
      const element = node instanceof Element ? node : node?.parentElement;
      if (context && element && !targets.has(entry)) targets.set(entry, context.selector(element));
    }
  };
  return (context) => {
    listening.add(context);
    if (!started)
      for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) {
        on(note, { reportSoftNavs: true, reportAllChanges: true });
        on(report, { reportSoftNavs: true });
      }
    started = true;
    return () => void listening.delete(context);
  };
};

/** Core Web Vitals with what caused them, one series for each route where the browser tells soft navigations apart. */
export const vitals: Capture = once();
