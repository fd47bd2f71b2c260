/**
 * Performance entries of a type, those from before included; nothing where the browser does not know the type.
 * @returns what stops it
 */
export const observeEntries = (
  type: string,
  seen: (entries: PerformanceEntry[]) => void,
  options: object = {},
): (() => void) => {
  if (typeof PerformanceObserver !== 'function' || !PerformanceObserver.supportedEntryTypes?.includes(type))
    return () => {};
  const observer = new PerformanceObserver((list) => {
    try {
      seen(list.getEntries());
    } catch {
      // an entry of a shape we do not know costs this entry
    }
  });
  observer.observe({ type, buffered: true, ...options });
  return () => observer.disconnect();
};
