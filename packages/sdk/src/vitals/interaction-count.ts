import { interactionCount } from '../lib/navigation-entry.js';
import type { VitalsPage } from './page.js';

/** Chromium counts ids of interactions in sevens. */
const STEP = 7;

/** How many interactions the page has had: the browser's number, or an estimate from their ids. */
export const interactionCounter = (page: VitalsPage): (() => number) => {
  if (interactionCount() !== undefined) return interactionCount as () => number;
  let first = Infinity;
  let last = 0;
  page.observe<PerformanceEntry & { interactionId?: number }>(
    ['event'],
    (entries) => {
      for (const { interactionId } of entries)
        if (interactionId) {
          first = Math.min(first, interactionId);
          last = Math.max(last, interactionId);
        }
    },
    0,
  );
  return () => (last ? (last - first) / STEP + 1 : 0);
};
