import { onCLS, onFCP, onINP, onLCP, onTTFB, type MetricWithAttribution } from 'web-vitals/attribution';
import type { Capture } from './context.js';
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

/** Core Web Vitals with what caused them, one series for each route where the browser tells soft navigations apart. */
export const vitals: Capture = (context) => {
  let stopped = false;
  const report = context.guard((metric: MetricWithAttribution) => {
    // web-vitals has no way to stop; a stopped client only stops to listen
    if (stopped) return;
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
  });
  const options = {
    reportSoftNavs: true,
    generateTarget: (node: Node | null) => {
      const element = node instanceof Element ? node : node?.parentElement;
      return element ? selectorOf(element) : undefined;
    },
  };
  onCLS(report, options);
  onFCP(report, options);
  onINP(report, options);
  onLCP(report, options);
  onTTFB(report, options);
  return () => {
    stopped = true;
  };
};
