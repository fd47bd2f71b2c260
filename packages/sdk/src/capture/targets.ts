import { nodeOf } from './attribution.js';
import type { CaptureContext } from './context.js';

/** Clients that listen: vitals cannot be stopped, so a page starts it once, however often they start and stop. */
export const listening = new Set<CaptureContext>();
/** Selectors by entry. */
export const targets = new WeakMap<PerformanceEntry, string>();

/** Called when an entry comes that a vital may be about: a dialog that was clicked away is gone when its INP is told. */
export const noteTarget = (entry: PerformanceEntry): void => {
  const [context] = listening;
  const node = nodeOf(entry as never);
  const element = node instanceof Element ? node : node?.parentElement;
  if (context && element && !targets.has(entry)) targets.set(entry, context.selector(element));
};
