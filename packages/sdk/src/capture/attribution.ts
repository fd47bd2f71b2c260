import type { Metric } from 'web-vitals';
import { navigationEntry, resourceEntries } from '../lib/navigation-entry.js';

/** What entries of the five vitals may hold, as far as it is told. */
type Entry = PerformanceEntry & {
  element?: Element | null;
  target?: Node | null;
  targetSelector?: string;
  sources?: readonly { node?: Node | null }[];
  id?: string;
  url?: string;
  value?: number;
  requestStart?: number;
  responseEnd?: number;
  processingStart: number;
  processingEnd: number;
};
type Parts = Record<string, number | string | undefined>;

/** The node an entry is about, while it is in the document. */
export const nodeOf = ({ element, target, sources }: Entry): Node | null | undefined =>
  element ?? target ?? (sources?.find(({ node }) => node?.nodeType === 1) ?? sources?.[0])?.node;

const loadState = (at: number): string => {
  const { domInteractive = 0, domContentLoadedEventStart = 0, domComplete = 0 } = navigationEntry() ?? {};
  const before = (mark: number): boolean => !mark || at < mark;
  return document.readyState === 'loading' || before(domInteractive)
    ? 'loading'
    : before(domContentLoadedEventStart)
      ? 'dom-interactive'
      : before(domComplete)
        ? 'dom-content-loaded'
        : 'complete';
};

/** Differences of marks that never go back, by the names of the stretches between them. */
const stretches = (names: readonly string[], marks: readonly number[]): Parts => {
  let from = 0;
  return Object.fromEntries(
    names.map((name, n) => {
      const to = Math.max(from, marks[n]!);
      const ms = to - from;
      from = to;
      return [name, ms];
    }),
  );
};

/**
 * What a vital was spent on, in the names of web-vitals' own attribution; without its sums over scripts, which the
 * `long_frame` events tell.
 * @param targetOf selector of the node an entry was about when it came
 */
export const attribute = (metric: Metric, targetOf: (entry: Entry) => string | undefined): Parts => {
  const { name, value, navigationType, navigationStartTime = 0 } = metric;
  const entries = metric.entries as unknown as Entry[];
  const soft = navigationType === 'soft-navigation';
  const navigation = soft ? undefined : navigationEntry();
  const start = soft ? navigationStartTime : (navigation?.activationStart ?? 0);
  const firstByte = Math.max(0, (navigation?.responseStart ?? 0) - start);
  const [first] = entries;
  const last = entries.at(-1);

  if (name === 'TTFB' && navigation && first) {
    const { workerStart, fetchStart, domainLookupStart, connectStart, connectEnd } = navigation;
    const marks = [workerStart || fetchStart, domainLookupStart, connectStart, connectEnd].map(
      (at) => at - start,
    );
    return stretches(
      ['waitingDuration', 'cacheDuration', 'dnsDuration', 'connectionDuration', 'requestDuration'],
      [...marks, value],
    );
  }
  if (name === 'FCP')
    return {
      ...stretches(['timeToFirstByte', 'firstByteToFCP'], [first ? firstByte : 0, value]),
      loadState: first ? loadState(first.startTime) : 'complete',
    };
  if (name === 'LCP' && last) {
    // requests that began after it was painted cannot be what was painted
    const resource = resourceEntries()
      .filter((entry) => entry.name === last.url && (entry.requestStart || entry.startTime) <= last.startTime)
      .at(-1);
    const from = resource ? (resource.requestStart || resource.startTime) - start : 0;
    const to = resource ? Math.min(value, resource.responseEnd - start) : 0;
    return {
      target: targetOf(last),
      url: last.url,
      ...stretches(
        ['timeToFirstByte', 'resourceLoadDelay', 'resourceLoadDuration', 'elementRenderDelay'],
        [firstByte, from, to, value],
      ),
    };
  }
  if (name === 'CLS' && first) {
    const largest = entries.reduce((p, q) => (p.value! >= q.value! ? p : q));
    return {
      largestShiftTarget: targetOf(largest),
      largestShiftTime: largest.startTime,
      largestShiftValue: largest.value,
      loadState: loadState(largest.startTime),
    };
  }
  if (name === 'INP' && first) {
    const { startTime, duration } = first;
    const began = Math.min(...entries.map(({ processingStart }) => processingStart)) - startTime;
    const ended = Math.max(...entries.map(({ processingEnd }) => processingEnd)) - startTime;
    return {
      interactionTarget: entries.map(targetOf).find(Boolean),
      interactionType: first.name.startsWith('key') ? 'keyboard' : 'pointer',
      interactionTime: startTime,
      nextPaintTime: startTime + duration,
      ...stretches(['inputDelay', 'processingDuration', 'presentationDelay'], [began, ended, duration]),
      loadState: loadState(startTime),
    };
  }
  return {};
};
