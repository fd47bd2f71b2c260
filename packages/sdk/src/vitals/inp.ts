import { noteTarget } from '../capture/targets.js';
import { interactionCounter } from './interaction-count.js';
import type { SoftNavigation } from './entries.js';
import type { Frame } from './metric.js';
import { RESTORED, SOFT, type VitalsPage } from './page.js';

/** One in so many of the longest interactions is left out. */
const OUTLIER_EVERY = 50;
const LONGEST = 10;
/** The shortest an interaction lasts that the browser tells nothing about. */
const SHORT_MS = 8;
/** Browsers round durations to it: events of one frame seem to end so far apart. */
const ROUNDED_MS = 8;
const FRAMES = 10;

type Timing = PerformanceEntry & { interactionId?: number; processingStart: number; processingEnd: number };
interface Interaction {
  id: number;
  ms: number;
  entries: Timing[];
  frame: Frame;
}

/** Interaction to Next Paint: the 98th percentile of the longest interactions, told when the page hides or the route ends. */
export const inp = (page: VitalsPage): void => {
  if (!('interactionId' in (globalThis.PerformanceEventTiming?.prototype ?? {}))) return;
  const count = interactionCounter(page);
  let metric = page.begin('INP');
  let before = 0;
  /** The longest first. */
  let longest: Interaction[] = [];

  /** The latest, the latest first. */
  let frames: Frame[] = [];

  const frameOf = ({ startTime, duration, processingStart, processingEnd }: Timing): Frame => {
    const paintedMs = startTime + duration;
    let frame = frames.find((one) => Math.abs(one.paintedMs - paintedMs) <= ROUNDED_MS);
    if (!frame) frames = [(frame = { paintedMs, began: Infinity, finished: 0 }), ...frames].slice(0, FRAMES);
    frame.began = Math.min(frame.began, processingStart);
    frame.finished = Math.max(frame.finished, processingEnd);
    return frame;
  };
  const add = (entry: Timing): void => {
    const { interactionId: id, duration: ms, startTime } = entry;
    const frame = frameOf(entry);
    if (!id) return;
    const known = longest.find((one) => one.id === id);
    if (!known && longest.length >= LONGEST && ms <= longest.at(-1)!.ms) return;
    if (!known) longest.push({ id, ms, entries: [entry], frame });
    else if (ms > known.ms) {
      known.ms = ms;
      known.entries = [entry];
      known.frame = frame;
    } else if (ms === known.ms && startTime === known.entries[0]!.startTime) known.entries.push(entry);
    longest = longest.sort((p, q) => q.ms - p.ms).slice(0, LONGEST);
    noteTarget(entry);
  };
  const update = (): void => {
    const since = count() - before;
    const inp =
      longest[Math.min(longest.length - 1, Math.floor(since / OUTLIER_EVERY))] ??
      // the first interaction of a document is always told, so that none longer was there
      (since && (metric.soft || metric.nav === RESTORED)
        ? { ms: SHORT_MS, entries: [], frame: undefined }
        : undefined);
    if (!inp || inp.ms === metric.value) return;
    metric.value = inp.ms;
    metric.entries = inp.entries;
    metric.frame = inp.frame;
  };
  const restart = (): void => {
    before = count();
    longest = [];
  };
  const handle = (entries: PerformanceEntry[], last?: boolean): void =>
    page.whenIdleOrHidden(() => {
      for (const entry of entries) {
        if (entry.entryType === SOFT) {
          update();
          page.report(metric);
          restart();
          metric = page.begin('INP', -1, entry as SoftNavigation);
        } else add(entry as Timing);
      }
      update();
      if (last) page.report(metric);
    });
  const observer = page.observe<PerformanceEntry>(['event', 'first-input', SOFT], (entries) =>
    handle(entries),
  );
  if (!observer) return;
  page.onHidden(() => handle(observer.takeRecords(), true));
  page.onRestored(() => {
    restart();
    metric = page.begin('INP');
  });
};
