import { noteTarget } from '../capture/targets.js';
import type { SoftNavigation } from './entries.js';
import { SOFT, type VitalsPage } from './page.js';

const GAP_MS = 1000;
const WINDOW_MS = 5000;

type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean };

/** Cumulative Layout Shift: the largest window of shifts, told when the page hides or the route ends. */
export const cls = (page: VitalsPage): void => {
  let metric = page.begin('CLS', 0);
  let sum = 0;
  let shifts: Shift[] = [];

  const add = (shift: Shift): void => {
    const { value, startTime } = shift;
    if (shift.hadRecentInput) return;
    if (
      !sum ||
      startTime - shifts.at(-1)!.startTime >= GAP_MS ||
      startTime - shifts[0]!.startTime >= WINDOW_MS
    ) {
      sum = 0;
      shifts = [];
    }
    sum += value;
    shifts.push(shift);
    noteTarget(shift);
  };
  const update = (): void => {
    if (sum <= metric.value) return;
    metric.value = sum;
    metric.entries = shifts;
  };
  const handle = (entries: PerformanceEntry[]): void => {
    for (const entry of entries) {
      if (entry.entryType === SOFT) {
        update();
        page.report(metric);
        metric = page.begin('CLS', 0, entry as SoftNavigation);
        sum = 0;
      } else add(entry as Shift);
    }
    update();
  };
  const observer = page.observe(['layout-shift', SOFT], handle);
  if (!observer) return;
  page.onHidden(() => {
    handle(observer.takeRecords());
    page.report(metric);
  });
  page.onRestored(() => {
    metric = page.begin('CLS', 0);
    sum = 0;
  });
};
