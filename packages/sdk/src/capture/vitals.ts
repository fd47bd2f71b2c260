import { onCLS, onFCP, onINP, onLCP, onTTFB, type MetricWithAttribution } from 'web-vitals/attribution';
import type { Capture, CaptureContext } from './context.js';
import { selectorOf } from './selector.js';

/** Attribution that fits a map of the wire: names and times, no entries. */
const plain = (attribution: object): Record<string, string | number> => {
  const all: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(attribution)) {
    if (typeof value === 'number' && Number.isFinite(value)) all[name] = Math.round(value * 10) / 10;
    else if (typeof value === 'string' && value) all[name] = value.replace(/[?#].*$/, '').slice(0, 256);
  }
  return all;
};

const OPTIONS = {
  reportSoftNavs: true,
  generateTarget: (node: Node | null) => {
    const element = node instanceof Element ? node : node?.parentElement;
    return element ? selectorOf(element) : undefined;
  },
};

const tell = (context: CaptureContext, metric: MetricWithAttribution): void => {
  const { name, value, delta, id, rating, navigationType, navigationURL, attribution } = metric;
  const digits = name === 'CLS' ? 1e4 : 10;
  const round = (number: number): number => Math.round(number * digits) / digits;
  context.emit('vital', {
    name,
    value: round(value),
    delta: round(delta),
    id: id.slice(0, 64),
    rating,
    nav: navigationType,
    attribution: plain(attribution),
    // of the route it was measured on, which may be gone
    ...(navigationType === 'soft-navigation' &&
      navigationURL && { path: context.settings.path(new URL(navigationURL, location.href).pathname) }),
  });
};

/** web-vitals cannot be stopped, so a page starts it once, however often a client starts and stops. */
const once = (): Capture => {
  const listening = new Set<CaptureContext>();
  let started = false;
  const report = (metric: MetricWithAttribution): void => {
    for (const context of listening) context.guard(tell)(context, metric);
  };
  return (context) => {
    listening.add(context);
    if (!started) for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on(report, OPTIONS);
    started = true;
    return () => void listening.delete(context);
  };
};

/** Core Web Vitals with what caused them, one series for each route where the browser tells soft navigations apart. */
export const vitals: Capture = once();
