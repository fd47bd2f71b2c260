import { navigationEntry, resourceEntries } from '../lib/navigation-entry.js';
import type { Metric } from '../vitals/index.js';

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
};
type Parts = Record<string, number | string | undefined>;

/** The node an entry is about, while it is in the document. */
export const nodeOf = ({ element, target, sources }: Entry): Node | null | undefined =>
  element ?? target ?? (sources?.find(({ node }) => node?.nodeType === 1) ?? sources?.[0])?.node;

/** How far the document was when something happened; a mark of 0 is still to come. */
const loadState = (at: number): string => {
  const { domInteractive, domContentLoadedEventStart, domComplete } = navigationEntry() ?? {};
  const next = [domInteractive, domContentLoadedEventStart, domComplete].findIndex(
    (mark) => !mark || at < mark,
  );
  return ['loading', 'dom-interactive', 'dom-content-loaded'][next] ?? 'complete';
};

/** Of marks that never go back: the stretches that end with them. */
const stretches = (marks: Record<string, number>): Parts => {
  let from = 0;
  for (const name in marks) {
    const to = Math.max(from, marks[name]!);
    marks[name] = to - from;
    from = to;
  }
  return marks;
};

/**
 * What a vital was spent on, in the names of web-vitals' own attribution; without its sums over scripts, which the
 * `long_frame` events tell.
 * @param targetOf selector of the node an entry was about when it came   @param clean masks an address
 */
export const attribute = (
  metric: Metric,
  targetOf: (entry: Entry) => string | undefined,
  clean: (text: string) => string,
): Parts => {
  const { name, value, soft, frame } = metric;
  const entries = metric.entries as readonly Entry[];
  const navigation = soft ? undefined : navigationEntry();
  const start = soft ? soft.startTime : (navigation?.activationStart ?? 0);
  const timeToFirstByte = Math.max(0, (navigation?.responseStart ?? 0) - start);
  const [first] = entries;
  const last = entries.at(-1);

  if (name === 'FCP')
    return {
      ...stretches({ timeToFirstByte: first ? timeToFirstByte : 0, firstByteToFCP: value }),
      loadState: first ? loadState(first.startTime) : 'complete',
    };
  if (!first || !last) return {};
  if (name === 'TTFB' && navigation)
    return stretches({
      waitingDuration: (navigation.workerStart || navigation.fetchStart) - start,
      cacheDuration: navigation.domainLookupStart - start,
      dnsDuration: navigation.connectStart - start,
      connectionDuration: navigation.connectEnd - start,
      requestDuration: value,
    });
  if (name === 'LCP') {
    const { url, startTime } = last;
    const began = (entry: Partial<Entry> | undefined): number => entry?.requestStart || entry?.startTime || 0;
    // requests that began after it was painted cannot be what was painted
    const resource = resourceEntries()
      .filter((entry) => entry.name === url && began(entry) <= startTime)
      .at(-1);
    return {
      target: targetOf(last),
      url: url ? clean(url.replace(/[?#].*$/, '').slice(0, 512)) : undefined,
      ...stretches({
        timeToFirstByte,
        resourceLoadDelay: began(resource) - start,
        resourceLoadDuration: Math.min(value, (resource?.responseEnd ?? 0) - start),
        elementRenderDelay: value,
      }),
    };
  }
  if (name === 'CLS') {
    const largest = entries.reduce((p, q) => (p.value! >= q.value! ? p : q));
    return {
      largestShiftTarget: targetOf(largest),
      largestShiftTime: largest.startTime,
      largestShiftValue: largest.value,
      loadState: loadState(largest.startTime),
    };
  }
  if (frame) {
    const { startTime, duration } = first;
    const nextPaintTime = Math.max(startTime + duration, frame.began);
    return {
      interactionTarget: entries.map(targetOf).find(Boolean),
      interactionType: first.name.startsWith('key') ? 'keyboard' : 'pointer',
      interactionTime: startTime,
      nextPaintTime,
      ...stretches({
        inputDelay: frame.began - startTime,
        processingDuration: Math.min(frame.finished, nextPaintTime) - startTime,
        presentationDelay: nextPaintTime - startTime,
      }),
      loadState: loadState(startTime),
    };
  }
  return {};
};
