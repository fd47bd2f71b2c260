import type { SoftNavigation } from './entries.js';
import { SOFT, type VitalsPage } from './page.js';

/** Time to First Byte of the document; 0 for what needs no request. */
export const ttfb = (page: VitalsPage): void => {
  const hard = page.navigation();
  if (!hard) return;
  const tell = (value: number, entries: PerformanceEntry[], soft?: SoftNavigation): void =>
    page.report({ ...page.begin('TTFB', value, soft), entries });
  tell(Math.max(hard.responseStart - page.activatedAt(), 0), [hard]);
  page.onRestored(() => tell(0, []));
  page.observe<SoftNavigation>([SOFT], (entries) => {
    for (const entry of entries) if (entry.navigationId) tell(0, [entry], entry);
  });
};
