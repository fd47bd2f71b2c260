import { Type } from '@sinclair/typebox';
import { negativeBinomialBand } from '../statistics/index.js';
import { defineQuestion } from './question.js';

/** Below this many, a step is never called unusual. */
const FEWEST = 5;
/** Grafana's shortest refresh. */
const LIVE_MS = 5000;

interface MinuteRow {
  minute: string;
  visitors: number;
  events: number;
  age_s: number;
}
interface StepRow {
  step: string;
  visitors: number;
  visitors_5m: number;
  n: number;
}

export const realTime = defineQuestion({
  name: 'real-time',
  summary: 'What happens now, and is it normal?',
  parameters: Type.Object({}),
  liveMs: LIVE_MS,
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
    const [minutes, steps, baseline, [live]] = await Promise.all([
      readView<MinuteRow>('real_time', { ...site, tz: scope.timeZone }),
      readView<StepRow>('live_steps', site),
      readView<{ step: string; counts: number[] }>('real_time_baseline', site),
      readView<{ visitors_5m: number; visitors_30m: number }>('live_visitors', site),
    ]);
    const now = new Map(steps.map((row) => [row.step, row.n]));
    const unusual = baseline.flatMap(({ step, counts }) => {
      const band = negativeBinomialBand(counts);
      const count = now.get(step) ?? 0;
      const loud = Math.max(count, band.mean) >= FEWEST && (count < band.lo || count > band.hi);
      return loud ? [{ step, count, band: { value: band.mean, lo: band.lo, hi: band.hi } }] : [];
    });
    return {
      data: {
        visitors5m: live?.visitors_5m ?? 0,
        visitors30m: live?.visitors_30m ?? 0,
        minutes: minutes.map(({ minute, visitors, events }) => ({ minute, visitors, events })),
        steps: steps.map(({ step, visitors }) => ({ step, visitors })),
        unusual,
        freshnessSeconds: minutes.length > 0 ? Math.min(...minutes.map((row) => row.age_s)) : null,
      },
    };
  },
});
