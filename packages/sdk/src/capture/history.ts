import type { CaptureContext } from './context.js';
import { patch } from './patch.js';

/**
 * Routes in browsers without the Navigation API. The original function first: a patch that reports before it would
 * show the address that was left.
 * @returns what ends it
 */
export const watchHistory = (
  context: Pick<CaptureContext, 'guard' | 'on'>,
  changed: () => void,
): (() => void) => {
  const undo = (['pushState', 'replaceState'] as const).map((name) =>
    patch(context, history, name, () => changed),
  );
  context.on(window, 'hashchange', changed);
  return () => undo.forEach((stop) => stop());
};
