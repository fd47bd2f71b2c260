import type { SoftNavigation } from './entries.js';
import { SOFT, validNavigation, type VitalsPage } from './page.js';

/** Time to First Byte of the document; 0 for what needs no request. */
export const ttfb = (page: VitalsPage): void => {
  const { begin, report } = page;
  const hard = validNavigation(page.now());
  if (!hard) return;
  let metric = begin('TTFB', Math.max(hard.responseStart - page.activatedAt(), 0));
  metric.entries = [hard];
  report(metric);
  page.onRestored(() => report((metric = page.again(metric, 0))));
  page.observe<SoftNavigation>([SOFT], (entries) => {
    for (const entry of entries)
      if (entry.navigationId) {
        metric = begin('TTFB', 0, entry);
        metric.entries = [entry];
        report(metric);
      }
  });
};
