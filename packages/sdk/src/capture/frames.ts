import { observeEntries } from '../lib/observe-entries.js';
import { bare } from './address.js';
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

const byDuration = (p: { duration: number }, q: { duration: number }): number => q.duration - p.duration;
const longest = ({ scripts = [] }: Frame): Script | undefined => [...scripts].sort(byDuration)[0];

/** Long animation frames, the worst ten of a view; long tasks where the browser knows no frames. */
export const frames: Capture = (context) => {
  let worst: Frame[] = [];

  const see = (entries: Frame[]): void => {
    for (const frame of entries) {
      if (frame.duration < LONG_MS) continue;
      if (OURS.test(String(longest(frame)?.sourceURL))) context.ownFrame();
      else worst.push(frame);
    }
    worst = worst.sort(byDuration).slice(0, A_VIEW);
  };
  context.leaving(() => {
    for (const frame of worst) {
      const { duration, blockingDuration } = frame;
      const script = longest(frame);
      context.emit('long_frame', {
        ms: Math.round(duration),
        blockingMs: blockingDuration && Math.round(blockingDuration),
        script: script && {
          url: bare(script.sourceURL),
          fn: script.sourceFunctionName.slice(0, 128),
          ms: Math.round(script.duration),
          kind: script.invokerType.slice(0, 64),
        },
      });
    }
    worst = [];
  });
  const observe = (type: string): (() => void) | undefined =>
    observeEntries(context.guard, type, see as (entries: PerformanceEntry[]) => void);
  return observe('long-animation-frame') ?? observe('longtask') ?? (() => {});
};
