import type { Guard } from './guard.js';

/**
 * Performance entries of a type, those from before included.
 * @returns what stops it; nothing where the browser does not know the type
 */
export const observeEntries = (
  guard: Guard,
  type: string,
  seen: (entries: PerformanceEntry[]) => void,
): (() => void) | undefined => {
  if (!PerformanceObserver.supportedEntryTypes.includes(type)) return undefined;
  const observer = new PerformanceObserver(guard((list) => seen(list.getEntries())));
  observer.observe({ type, buffered: true });
  return () => observer.disconnect();
};
