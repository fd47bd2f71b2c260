import { observeEntries } from '../lib/observe-entries.js';
import type { Capture } from './context.js';

const LONG_MS = 100;
const A_VIEW = 10;
/** Our files, by their names: what they cost is ours, not the site's. */
const OURS = /\/lintel(-\w+)?\.js/;

interface Script {
  sourceURL: string;
  sourceFunctionName: string;
  duration: number;
  invokerType: string;
}
type Frame = PerformanceEntry & { blockingDuration?: number; scripts?: Script[] };

/** Long animation frames, the worst ten of a view; long tasks where the browser knows no frames. */
export const frames: Capture = (context) => {
  let worst: object[] = [];

  const see = (entries: PerformanceEntry[]): void => {
    for (const { duration, blockingDuration, scripts } of entries as Frame[]) {
      if (duration < LONG_MS) continue;
      const [script] = [...(scripts ?? [])].sort((p, q) => q.duration - p.duration);
      if (script && OURS.test(script.sourceURL)) {
        context.ownFrame();
        continue;
      }
      worst.push({
        ms: Math.round(duration),
        blockingMs: blockingDuration === undefined ? undefined : Math.round(blockingDuration),
        script: script && {
          url: context.clean(script.sourceURL.replace(/[?#].*$/, '')).slice(0, 1024),
          fn: script.sourceFunctionName.slice(0, 128),
          ms: Math.round(script.duration),
          kind: script.invokerType.slice(0, 64),
        },
      });
    }
    worst.sort((p, q) => (q as { ms: number }).ms - (p as { ms: number }).ms);
    worst = worst.slice(0, A_VIEW);
  };
  const loaf = 'long-animation-frame';
  const known =
    typeof PerformanceObserver === 'function' && PerformanceObserver.supportedEntryTypes?.includes(loaf);
  const unobserve = observeEntries(known ? loaf : 'longtask', see);
  context.leaving(() => {
    for (const frame of worst) context.emit('long_frame', frame);
    worst = [];
  });
  return unobserve;
};
