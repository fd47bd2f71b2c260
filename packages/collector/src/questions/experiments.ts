import { Type } from '@sinclair/typebox';
import { adjustedArms, guardrailOf, rateOf, type Look, type Reading } from '../experiments/index.js';
import { expectedLoss, probabilityToBeat } from '../statistics/index.js';
import { insufficient, rateEstimate, type Estimate } from './estimate.js';
import { ExperimentAnswer } from './experiment-answer.js';
import { readExperimentDays, readingsOf, type DayViewRow } from './experiment-reading.js';
import { warningsOf } from './experiment-verdict.js';
import { DAY_MS, estimate } from './intervals.js';
import { defineQuestion, scopeParameters } from './question.js';
import { Outcome } from './steps.js';

const METHOD = 'jeffreys, consented visitors';

/** Largest rate loss of choosing an arm against any other. */
const lossesOf = (reading: Reading, names: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    names.map((name, i) => {
      const losses = reading.arms.map((other, j) =>
        j === i ? 0 : expectedLoss(rateOf(reading.arms[i]!), rateOf(other)).ifA,
      );
      return [name, Math.max(0, ...losses)];
    }),
  );

/** The challenger of which most is known: decided first, then farthest from nothing. */
const leaderOf = (look: Look | undefined): number => {
  const strength = look?.challengers.map(
    ({ decided, statistic, bound }) => (decided ? 1e6 : 0) + Math.abs(statistic) / bound,
  ) ?? [0];
  return Math.max(0, strength.indexOf(Math.max(...strength)));
};

/** JSON has no infinity. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const experiments = defineQuestion({
  name: 'experiments',
  summary: 'May we stop, which won, was the split fair?',
  parameters: Type.Object({
    experiment: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'its name; the newest version is read out',
      examples: ['blue-button'],
    }),
    metric: Type.Optional(
      Outcome({
        description: 'another outcome to look at; it decides nothing',
        examples: ['inquiry', 'config:save'],
      }),
    ),
    horizon_days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 365,
        description: 'days after the first exposure in which an outcome counts',
      }),
    ),
  }),
  data: ExperimentAnswer,
  ignoresFilters: () => 'an experiment is read out for everybody it was planned for',
  table: (scope, p) => ({
    view: 'experiment_exposures',
    parameters: { ...scopeParameters(scope), experiment: p.experiment },
  }),
  ask: async (scope, p, { readView, readExperiment, clock }) => {
    const experiment = readExperiment(scope.site.id, p.experiment);
    const metric = p.metric ?? experiment.metric;
    const horizonDays = p.horizon_days ?? experiment.horizonDays;
    const { started, ended, endsAt } = experiment;
    const names = experiment.arms.map(({ name }) => name);
    const isoOf = (day: number): string => new Date(started! + day * DAY_MS).toISOString();
    const { until, plan, engine, rowsOf, passed, exposed, split, blocked, seen, looks, verdict, reason } =
      await readExperimentDays(readView, experiment, {
        site: scope.site.id,
        now: clock.now(),
        metric,
        metrics: experiment.guardrails,
        horizonDays,
      });
    const rows = rowsOf(metric);
    const sum = (some: readonly DayViewRow[], of: (row: DayViewRow) => number): number =>
      some.reduce((total, row) => total + of(row), 0);
    const explained = experiment.splitReason ?? null;
    const last = looks.at(-1);
    const reading = seen.find(({ day }) => day === last?.day);
    const adjusted = reading ? adjustedArms(reading.arms) : null;
    const finished = verdict === 'stop' || verdict === 'no_difference';

    const effectOf = (look: Look | undefined, i: number): Estimate => {
      const n = reading ? Math.min(reading.arms[0]!.n, reading.arms[i + 1]!.n) : 0;
      const effect = look?.challengers[i]?.effect;
      const method = `relative change, ${engine.method}, consented visitors`;
      return effect ? estimate(effect, n, method, { fewest: 20, enough: 100 }) : insufficient(n, method);
    };
    const leader = leaderOf(last);
    const guardDays = plan && !blocked ? passed(plan.lookDays) : [];
    const guardrails =
      guardDays.length === 0
        ? []
        : experiment.guardrails.flatMap((name) => {
            const own = readingsOf(rowsOf(name), names, guardDays);
            const [control, ...others] = own.at(-1)!.arms;
            return guardrailOf(name, own, plan!).challengers.map(({ worse }, i) => ({
              metric: name,
              arm: names[i + 1]!,
              control: rateEstimate(control!.k, control!.n, undefined, METHOD),
              challenger: rateEstimate(others[i]!.k, others[i]!.n, undefined, METHOD),
              worse,
            }));
          });
    const immature = sum(
      rows.filter(({ day }) => day === 0),
      ({ n }) => n,
    );
    const next =
      plan && started !== null && !finished && !blocked && ended === null
        ? engine.daysOf(plan).find((day) => started + day * DAY_MS > until)
        : undefined;
    const warnings = warningsOf({
      experiment,
      metric,
      horizonDays,
      split: split.verdict,
      immature,
      oldLook: last && until - (started! + last.day * DAY_MS) > DAY_MS ? isoOf(last.day) : null,
      worse: guardrails.filter(({ worse }) => worse),
    });
    return {
      data: {
        metric,
        engine: {
          name: engine.name,
          statistic: engine.statistic,
          cuped: adjusted?.cuped ?? false,
          varianceReduction: adjusted?.cuped ? adjusted.varianceReduction : 0,
        },
        arms: reading
          ? names.map((arm, i) => {
              const { k, n } = reading.arms[i]!;
              return { arm, n, rate: rateEstimate(k, n, undefined, METHOD) };
            })
          : [],
        exposed: exposed.map(({ arm, n }) => ({ arm, n })),
        mixed: sum(rows, (row) => row.mixed),
        immature,
        srm: { p: split.p, verdict: split.verdict, reason: explained },
        effect: effectOf(last, leader),
        challengers: last
          ? names.slice(1).map((arm, i) => ({
              arm,
              effect: effectOf(last, i),
              decided: last.challengers[i]!.decided,
              pBeat:
                engine.name === 'bayesian'
                  ? probabilityToBeat(rateOf(reading!.arms[0]!), rateOf(reading!.arms[i + 1]!))
                  : null,
            }))
          : [],
        looks: looks.map((look) => {
          const { statistic, bound, effect } = look.challengers[leader]!;
          return {
            at: isoOf(look.day),
            arm: names[leader + 1]!,
            z: finite(statistic) ?? 0,
            bound: finite(bound),
            value: effect?.value ?? null,
            lo: effect?.lo ?? null,
            hi: effect?.hi ?? null,
          };
        }),
        nextLookAt: next === undefined ? null : isoOf(next),
        lossIfChosen: finished && reading ? lossesOf(reading, names) : {},
        guardrails,
        plan: {
          perArm: experiment.plan.perArm,
          days: experiment.plan.days,
          endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
        },
        verdict,
        reason,
      },
      warnings,
    };
  },
});
