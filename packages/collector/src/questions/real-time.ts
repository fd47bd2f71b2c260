import { Type } from '@sinclair/typebox';
import { negativeBinomialBand } from '../statistics/index.js';
import { KEEP_MS } from './intervals.js';
import { defineQuestion } from './question.js';

/** Below this many, a step is never called unusual. */
const FEWEST = 5;
/** Grafana's shortest refresh. */
const LIVE_MS = 5000;

interface LiveRow {
  part: 'all' | 'minute' | 'step';
  minute: string;
  step: string;
  visitors: number;
  visitors_5m: number;
  events: number;
  age_s: number;
}

interface BaselineRow {
  step: string;
  counts: number[];
}

/**
 * What is usual of every step: of one that never happened in such a half hour zeros, as many as there are weeks in which
 * the site was there at all. Two of them are the least that a band is made of.
 */
const usualOf = (baseline: readonly BaselineRow[], steps: readonly string[]): BaselineRow[] => {
  const weeks = Math.max(0, ...baseline.map(({ counts }) => counts.length));
  const there = Array.from({ length: weeks }, (_, week) => baseline.some(({ counts }) => counts[week]! > 0));
  const never = there.filter(Boolean).map(() => 0);
  const known = new Set(baseline.map(({ step }) => step));
  const unknown = never.length < 2 ? [] : steps.filter((step) => !known.has(step));
  return [...baseline, ...unknown.map((step) => ({ step, counts: never }))];
};

export const realTime = defineQuestion({
  name: 'real-time',
  summary: 'What happens now, and is it normal?',
  parameters: Type.Object({}),
  liveMs: LIVE_MS,
  ignoresFilters: () => 'what happens now is counted for everybody',
  data: Type.Object({
    visitors5m: Type.Number(),
    visitors30m: Type.Number(),
    minutes: Type.Array(
      Type.Object({ minute: Type.String(), visitors: Type.Number(), events: Type.Number() }),
    ),
    steps: Type.Array(Type.Object({ step: Type.String(), visitors: Type.Number() })),
    unusual: Type.Array(
      Type.Object({
        step: Type.String(),
        count: Type.Number(),
        band: Type.Object({ value: Type.Number(), lo: Type.Number(), hi: Type.Number() }),
      }),
    ),
    freshnessSeconds: Type.Union([Type.Number(), Type.Null()], { description: 'age of the newest event' }),
  }),
  table: (scope) => ({ view: 'real_time', parameters: { site: scope.site.id, tz: scope.timeZone } }),
  ask: async (scope, _parameters, { readView }) => {
    const site = { site: scope.site.id };
    const [live, baseline] = await Promise.all([
      readView<LiveRow>('live_now', { ...site, tz: scope.timeZone }),
      // what was usual in such a half hour does not change within a minute
      readView<BaselineRow>('real_time_baseline', site, ['step', 'counts'], KEEP_MS),
    ]);
    const all = live.find(({ part }) => part === 'all');
    const minutes = live.filter(({ part }) => part === 'minute');
    const steps = live.filter(({ part, step }) => part === 'step' && step !== '');
    const now = new Map(steps.map((row) => [row.step, row.events]));
    const unusual = usualOf(baseline, [...now.keys()]).flatMap(({ step, counts }) => {
      const band = negativeBinomialBand(counts);
      const count = now.get(step) ?? 0;
      const loud = Math.max(count, band.mean) >= FEWEST && (count < band.lo || count > band.hi);
      return loud ? [{ step, count, band: { value: band.mean, lo: band.lo, hi: band.hi } }] : [];
    });
    return {
      data: {
        visitors5m: all?.visitors_5m ?? 0,
        visitors30m: all?.visitors ?? 0,
        minutes: minutes.map(({ minute, visitors, events }) => ({ minute, visitors, events })),
        steps: steps.map(({ step, visitors }) => ({ step, visitors })),
        unusual,
        freshnessSeconds: minutes.length > 0 ? Math.min(...minutes.map((row) => row.age_s)) : null,
      },
    };
  },
});
