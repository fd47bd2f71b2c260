import type { Metric, MetricType } from 'web-vitals';
import { onCLS } from 'web-vitals/onCLS.js';
import { onFCP } from 'web-vitals/onFCP.js';
import { onINP } from 'web-vitals/onINP.js';
import { onLCP } from 'web-vitals/onLCP.js';
import { onTTFB } from 'web-vitals/onTTFB.js';
import { IS_TAG } from '../version.js';
import { attribute } from './attribution.js';
import type { Capture, CaptureContext } from './context.js';
import { listening, noteTarget, targets } from './targets.js';

let started = false;

const tell = (context: CaptureContext, metric: Metric): void => {
  const { name, value, delta, id, rating, navigationType: nav, navigationURL } = metric;
  const digits = name === 'CLS' ? 1e4 : 10;
  const round = (number: number): number => Math.round(number * digits) / digits;
  // what fits a map of the wire: names and times
  const attribution = attribute(
    metric,
    (entry) => targets.get(entry) ?? (entry.id ? `#${entry.id}` : entry.targetSelector),
    context.clean,
  );
  for (const key in attribution) {
    const part = attribution[key];
    if (typeof part === 'number') attribution[key] = round(part);
  }
  context.emit('vital', {
    name,
    value: round(value),
    delta: round(delta),
    id,
    rating,
    nav,
    attribution,
    // of the route it was measured on, which may be gone
    ...(nav === 'soft-navigation' &&
      navigationURL && { path: context.settings.path(new URL(navigationURL, location.href).pathname) }),
  });
};

const report = (metric: MetricType): void => {
  for (const context of listening) context.guard(tell)(context, metric);
};
const note = ({ entries }: MetricType): void => (entries as PerformanceEntry[]).forEach(noteTarget);

/** Core Web Vitals with what caused them, one series for each route where the browser tells soft navigations apart. */
export const vitals: Capture = (context) => {
  listening.add(context);
  if (!started) {
    // the build of the script tag calls `noteTarget` itself
    if (!IS_TAG)
      for (const on of [onCLS, onINP, onLCP]) on(note, { reportSoftNavs: true, reportAllChanges: true });
    for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on(report, { reportSoftNavs: true });
  }
  started = true;
  return () => listening.delete(context);
};
