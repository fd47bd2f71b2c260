import type { SoftNavigation } from './entries.js';
import { SOFT, type VitalsPage } from './page.js';

/**
 * First Contentful Paint: when something was seen first.
 * @param painted called when the document itself was
 */
export const fcp = (page: VitalsPage, painted: () => void): void => {
  const { begin, report } = page;
  let metric = begin('FCP');
  const observer = page.observe<PerformanceEntry>(['paint'], (entries) => {
    for (const entry of entries)
      if (entry.name === 'first-contentful-paint') {
        observer!.disconnect();
        if (entry.startTime >= page.hiddenAt()) continue;
        metric.value = Math.max(entry.startTime - page.activatedAt(), 0);
        metric.entries = [entry];
        report(metric);
        painted();
      }
  });
  if (observer)
    page.onRestored(({ timeStamp }) => {
      metric = begin('FCP');
      page.afterPaint(() => {
        metric.value = page.now() - timeStamp;
        report(metric);
        painted();
      });
    });
  page.observe<SoftNavigation>([SOFT], (entries) => {
    for (const entry of entries) {
      const { presentationTime, paintTime, startTime } = entry;
      report((metric = begin('FCP', Math.max((presentationTime || paintTime || 0) - startTime, 0), entry)));
    }
  });
};
