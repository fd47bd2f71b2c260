import type { CaptureContext } from './context.js';

/**
 * One timer: who sets it anew has forgotten what it was set to.
 * @returns sets it, or only stops it when called without work
 */
export const timer = ({ clock, guard }: CaptureContext): ((work?: () => void, ms?: number) => void) => {
  let cancel = (): void => {};
  return (work, ms = 0) => {
    cancel();
    if (work) cancel = clock.after(ms, guard(work));
  };
};
