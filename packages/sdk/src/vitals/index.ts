import type { CaptureContext } from '../capture/context.js';
import { cls } from './cls.js';
import { fcp } from './fcp.js';
import { inp } from './inp.js';
import { lcp } from './lcp.js';
import type { Metric } from './metric.js';
import { createVitalsPage } from './page.js';
import { ttfb } from './ttfb.js';

export { LIMITS, type Metric } from './metric.js';

/**
 * The five Web Vitals of a page, and of each route where the browser tells soft navigations apart; by the rules of
 * web-vitals 6.2.3 (https://github.com/GoogleChrome/web-vitals), whose numbers `test/browser/vitals.test.ts` compares.
 * They cannot be stopped: a page starts them once.
 */
export const startVitals = (context: CaptureContext, tell: (metric: Metric) => void): void => {
  const { clock } = context;
  const start = (): void => {
    const page = createVitalsPage(context, tell);
    let seen = false;
    fcp(page, () => {
      // nothing shifts before anything was seen
      if (!seen) cls(page);
      seen = true;
    });
    inp(page);
    lcp(page);
    const loaded = (): void => void clock.after(0, () => ttfb(page));
    if (document.readyState === 'complete') loaded();
    else page.hear('load', loaded);
  };
  // a prerendered page is judged from the moment on in which it is shown
  if ((document as { prerendering?: boolean }).prerendering)
    document.addEventListener('prerenderingchange', context.guard(start), { once: true });
  else start();
};
