import type { CaptureContext } from './context.js';

/** Where one signal tells others that the page does something: what is called then. */
export const activity = (_context: CaptureContext): Set<() => void> => new Set();
