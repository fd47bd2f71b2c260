import { Type } from '@sinclair/typebox';
import type { ForecastRow, ScoreRow } from './forecast-record.js';
import { epochOf } from './intervals.js';

const share = Type.Union([Type.Number(), Type.Null()]);

export const OtherForecastSchema = Type.Object({
  subject: Type.Union([Type.Literal('traffic'), Type.Literal('leads')], {
    description: 'sessions by local day, added up; inquiries that are no spam',
  }),
  model: Type.String(),
  end: Type.String({ description: 'of the time that is foretold, which is as long as the horizon' }),
  mean: Type.Number(),
  lo80: Type.Number(),
  hi80: Type.Number(),
  lo95: Type.Number(),
  hi95: Type.Number(),
  closed: Type.Number({ description: 'forecasts whose time is over; what follows is about them' }),
  coverage80: share,
  coverage95: share,
  wape: share,
  floor: share,
  crpsSkill: share,
});

const SUBJECTS = ['traffic', 'leads'] as const;

/** The newest forecast of traffic and of leads that was logged before `to`, and how good the closed ones were. */
export const otherForecasts = (
  logged: readonly ForecastRow[],
  scores: readonly ScoreRow[],
  to: number,
  horizon: number,
) =>
  SUBJECTS.flatMap((subject) => {
    const newest = logged
      .filter((row) => row.subject === subject && row.horizon === horizon && !row.model.endsWith('.naive'))
      .filter(({ made }) => epochOf(made) < to)
      .reduce<ForecastRow | null>(
        (last, row) => (last && epochOf(last.time) >= epochOf(row.time) ? last : row),
        null,
      );
    if (!newest) return [];
    const { time, model, mean, lo80, hi80, lo95, hi95 } = newest;
    const score = scores.find((row) => row.model === model && row.horizon === horizon);
    return [
      {
        subject,
        model: model.split('.')[1]!,
        end: time,
        mean,
        lo80,
        hi80,
        lo95,
        hi95,
        closed: score?.n ?? 0,
        coverage80: score?.coverage80 ?? null,
        coverage95: score?.coverage95 ?? null,
        wape: score?.wape ?? null,
        floor: score?.floor ?? null,
        crpsSkill: score?.skill ?? null,
      },
    ];
  });
