import type { CDPSession } from 'playwright-core';

interface TraceEvent {
  name: string;
  ph: string;
  ts: number;
  dur?: number;
  /** Of `dur`, what this thread really ran: other programs on the machine do not count, the throttling does. */
  tdur?: number;
  tid: number;
  pid: number;
  args?: { data?: { url?: string; fileName?: string }; fileName?: string };
}

export interface ScriptTime {
  /** Main-thread milliseconds in files of the SDK until the first paint, and until the end. */
  beforePaintMs: number;
  totalMs: number;
  /** The longest single task of the SDK. */
  longestMs: number;
}

const RUNS_SCRIPT = new Set(['EvaluateScript', 'FunctionCall', 'v8.compile', 'v8.evaluateModule']);

/** Collects a timeline while `work` runs. */
export const traced = async (session: CDPSession, work: () => Promise<void>): Promise<TraceEvent[]> => {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['devtools.timeline', 'v8', 'blink.user_timing', 'loading'] },
  });
  await work();
  await session.send('Tracing.end');
  await complete;
  return events;
};

/** Adds up the outermost stretches in which a file whose address fits ran, in time of the thread's own processor. */
export const scriptTime = (events: readonly TraceEvent[], file: RegExp): ScriptTime => {
  const paint =
    events.find(({ name }) => name === 'firstPaint' || name === 'firstContentfulPaint')?.ts ?? Infinity;
  const ours = events
    .filter(({ name, ph, args }) => {
      const url = args?.data?.url ?? args?.data?.fileName ?? args?.fileName ?? '';
      return ph === 'X' && RUNS_SCRIPT.has(name) && file.test(url);
    })
    .sort((p, q) => p.ts - q.ts || (q.dur ?? 0) - (p.dur ?? 0));
  let [before, total, longest] = [0, 0, 0];
  const ends = new Map<number, number>();
  for (const { ts, dur = 0, tdur = dur, tid } of ours) {
    if (ts < (ends.get(tid) ?? 0)) continue;
    ends.set(tid, ts + dur);
    total += tdur;
    longest = Math.max(longest, tdur);
    if (ts < paint) before += tdur;
  }
  return { beforePaintMs: before / 1000, totalMs: total / 1000, longestMs: longest / 1000 };
};
