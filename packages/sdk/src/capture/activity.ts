import type { CaptureContext } from './context.js';

/** Where one signal tells others that the page does something. */
export interface Activity {
  happened(): void;
  listen(work: () => void): () => void;
}

export const activity = (_context: CaptureContext): Activity => {
  const listeners = new Set<() => void>();
  return {
    happened: () => listeners.forEach((work) => work()),
    listen(work) {
      listeners.add(work);
      return () => void listeners.delete(work);
    },
  };
};
