import { LIMITS, startVitals, type Metric } from '../vitals/index.js';
import { attribute } from './attribution.js';
import type { Capture, CaptureContext } from './context.js';
import { listening, targets } from './targets.js';

let started = false;

const tell = (context: CaptureContext, metric: Metric): void => {
  const { name, value, told = 0, id, nav, soft } = metric;
  const [good, fair] = LIMITS[name];
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
    delta: round(value - told),
    id,
    rating: value > fair ? 'poor' : value > good ? 'needs-improvement' : 'good',
    nav,
    attribution,
    // of the route it was measured on, which may be gone
    ...(soft && {
      path: context.settings.path(new URL(soft.name, location.href).pathname),
    }),
  });
};

const report = (metric: Metric): void => {
  for (const context of listening) context.guard(tell)(context, metric);
};

/** Core Web Vitals with what caused them, one series for each route where the browser tells soft navigations apart. */
export const vitals: Capture = (context) => {
  listening.add(context);
  if (!started) startVitals(context, report);
  started = true;
  return () => listening.delete(context);
};
