import type { CaptureContext } from './context.js';

/** Wall clock of an input event: when it happened, not when its handler ran. */
export const happenedAt = ({ clock }: CaptureContext, { timeStamp }: Event): number =>
  Math.round(clock.now() - Math.max(0, clock.tick() - timeStamp));
