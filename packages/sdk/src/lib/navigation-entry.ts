type Entry = PerformanceNavigationTiming & {
  activationStart?: number;
  notRestoredReasons?: { reasons?: { reason: string }[] | null } | null;
};

/** How the document was reached, as the browser tells it. */
export const navigationEntry = (): Entry | undefined =>
  performance.getEntriesByType('navigation')[0] as Entry | undefined;

/** Resources as far as the browser remembers them. */
export const resourceEntries = (): PerformanceResourceTiming[] =>
  performance.getEntriesByType('resource') as PerformanceResourceTiming[];
