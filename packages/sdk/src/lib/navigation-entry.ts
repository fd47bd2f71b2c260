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

/** When the document was hidden first, `since` or later; nothing if it was not, or where the browser does not remember it. */
export const firstHidden = (since: number): number | undefined =>
  performance
    .getEntriesByType('visibility-state')
    .find(({ name, startTime }) => name === 'hidden' && startTime >= since)?.startTime;

/** How many interactions the page has had; nothing where the browser does not count them. */
export const interactionCount = (): number | undefined =>
  (performance as { interactionCount?: number }).interactionCount;
