import type { CaptureContext } from './context.js';

/** Number of the view that an event belongs to, when its `page_view` has one. */
export const viewOf = (context: CaptureContext): number | undefined => {
  const { seq } = context.view();
  return seq < 0 ? undefined : seq;
};
