import { Type } from '@sinclair/typebox';
import type { Experiment } from '../experiments/index.js';
import {
  expectedLoss,
  groupSequentialBounds,
  sampleRatioMismatch,
  twoProportionTest,
  type Arm,
} from '../statistics/index.js';
import { EstimateSchema, insufficient, rateEstimate, type Estimate } from './estimate.js';
import { DAY_MS, estimate } from './intervals.js';
import {
  defineQuestion,
  scopeParameters,
  type ReadView,
  type Scope,
  type ViewParameter,
} from './question.js';

const ALPHA = 0.05;
/** Events of which more is worse. */
const HARMS = ['error', 'rage_click', 'dead_click', 'long_frame'];

interface ArmRow {
  arm: string;
  n: number;
  k: number;
  immature: number;
}
interface ExposureRow {
  day: string;
  arm: string;
  n: number;
  mixed: number;
}

export interface Look {
  at: string;
  z: number;
  bound: number;
}

const armOf = (rows: readonly ArmRow[], name: string): Arm => {
  const row = rows.find(({ arm }) => arm === name);
  return { successes: row?.k ?? 0, trials: row?.n ?? 0 };
};

/** Epoch ms of every planned look: equal steps of time stand for equal steps of information. */
const plannedLooks = ({ started, endsAt, looks }: Experiment): number[] =>
  started === null || endsAt === null
    ? []
    : Array.from({ length: looks }, (_, i) => Math.round(started + ((endsAt - started) * (i + 1)) / looks));

/** z of the challenger that differs most from the control. */
const strongest = (rows: readonly ArmRow[], experiment: Experiment): { arm: string; z: number } => {
  const [control, ...others] = experiment.arms.map(({ name }) => name);
  const base = armOf(rows, control!);
  return others
    .map((arm) => {
      const own = armOf(rows, arm);
      const z = base.trials > 0 && own.trials > 0 ? twoProportionTest(own, base).zPooled : 0;
      return { arm, z };
    })
    .reduce((p, q) => (Math.abs(q.z) > Math.abs(p.z) ? q : p), { arm: others[0] ?? control!, z: 0 });
};

/** Relative change of the rate against the control, by the delta method; as wide as the bound of its look. */
const effectOf = (rows: readonly ArmRow[], control: string, arm: string, bound: number): Estimate => {
  const method = 'relative change, group-sequential';
  const a = armOf(rows, control);
  const b = armOf(rows, arm);
  const n = Math.min(a.trials, b.trials);
  if (a.successes === 0 || b.trials === 0) return insufficient(n, method);
  const pa = a.successes / a.trials;
  const pb = b.successes / b.trials;
  const value = pb / pa - 1;
  const variance = (pb * (1 - pb)) / (pa ** 2 * b.trials) + ((1 - pa) * pb ** 2) / (pa ** 3 * a.trials);
  const half = bound * Math.sqrt(variance);
  return estimate({ value, lo: value - half, hi: value + half }, n, method, { fewest: 20, enough: 100 });
};

type Verdict = 'running' | 'stop' | 'no_difference' | 'blocked';

/** The decision and why, in words: only planned looks count. */
const verdictOf = (o: {
  srm: 'ok' | 'warn' | 'block';
  looks: readonly Look[];
  planned: number;
  leader: string;
}): { verdict: Verdict; reason: string } => {
  if (o.srm === 'block')
    return {
      verdict: 'blocked',
      reason: 'the split is not the planned one: results wait until that is explained',
    };
  const crossed = o.looks.find(({ z, bound }) => Math.abs(z) >= bound);
  if (crossed) {
    const word = crossed.z > 0 ? 'better' : 'worse';
    return {
      verdict: 'stop',
      reason: `at the look of ${crossed.at} ${o.leader} was ${word} beyond its bound`,
    };
  }
  if (o.planned === 0) return { verdict: 'running', reason: 'not started: no look is planned yet' };
  if (o.looks.length === o.planned)
    return { verdict: 'no_difference', reason: 'the last planned look found no difference beyond its bound' };
  return {
    verdict: 'running',
    reason: `${o.looks.length} of ${o.planned} planned looks are over: keep it running`,
  };
};

const guardrailOf = (rows: readonly ArmRow[], metric: string, control: string, arm: string) => {
  const a = armOf(rows, control);
  const b = armOf(rows, arm);
  const harm = HARMS.includes(metric.split(':')[0]!) ? 1 : -1;
  const known = a.trials > 0 && b.trials > 0;
  const z = known ? harm * twoProportionTest(b, a).zPooled : 0;
  return {
    metric,
    control: rateEstimate(a.successes, a.trials),
    challenger: rateEstimate(b.successes, b.trials),
    // one-sided at 5 %: only getting worse is asked
    worse: known && z > 1.644854,
  };
};

const lossesOf = (rows: readonly ArmRow[], names: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    names.map((name) => {
      const own = armOf(rows, name);
      const losses = names
        .filter((other) => other !== name)
        .map((other) => expectedLoss(own, armOf(rows, other)).ifA);
      return [name, Math.max(0, ...losses)];
    }),
  );

const readArms = (
  readView: ReadView,
  scope: Scope,
  o: { experiment: string; metric: string; horizonDays: number; asOf: number },
): Promise<ArmRow[]> =>
  readView<ArmRow>('experiment_arms', {
    ...scopeParameters({ ...scope, to: o.asOf }),
    experiment: o.experiment,
    metric: o.metric,
    horizon_days: o.horizonDays,
    as_of: o.asOf,
  });

export const experiments = defineQuestion({
  name: 'experiments',
  summary: 'May we stop, which won, was the split fair?',
  parameters: Type.Object({
    experiment: Type.String({ minLength: 1, maxLength: 128 }),
    metric: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'another outcome to look at; it decides nothing',
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
  data: Type.Object({
    metric: Type.String(),
    arms: Type.Array(Type.Object({ arm: Type.String(), n: Type.Number(), rate: EstimateSchema }), {
      description: 'as of the last look: between looks nothing moves',
    }),
    exposed: Type.Array(Type.Object({ arm: Type.String(), n: Type.Number() }), { description: 'up to now' }),
    mixed: Type.Number({ description: 'visitors seen in two arms: dropped' }),
    immature: Type.Number({ description: 'visitors whose time for an outcome still runs' }),
    srm: Type.Object({ p: Type.Number(), verdict: Type.String() }),
    effect: EstimateSchema,
    looks: Type.Array(Type.Object({ at: Type.String(), z: Type.Number(), bound: Type.Number() })),
    lossIfChosen: Type.Record(Type.String(), Type.Number(), {
      description: 'rate points, after the end only',
    }),
    guardrails: Type.Array(
      Type.Object({
        metric: Type.String(),
        control: EstimateSchema,
        challenger: EstimateSchema,
        worse: Type.Boolean(),
      }),
    ),
    plan: Type.Object({
      perArm: Type.Union([Type.Number(), Type.Null()]),
      days: Type.Union([Type.Number(), Type.Null()]),
      endsAt: Type.Union([Type.String(), Type.Null()]),
    }),
    verdict: Type.Union(['running', 'stop', 'no_difference', 'blocked'].map((name) => Type.Literal(name))),
    reason: Type.String(),
  }),
  table: (scope, p) => ({
    view: 'experiment_exposures',
    parameters: { ...scopeParameters(scope), experiment: p.experiment } satisfies Record<
      string,
      ViewParameter
    >,
  }),
  ask: async (scope, p, { readView, readExperiment, clock }) => {
    const experiment = readExperiment(scope.site.id, p.experiment);
    const metric = p.metric ?? experiment.metric;
    const horizonDays = p.horizon_days ?? experiment.horizonDays;
    const until = Math.min(clock.now(), experiment.ended ?? Infinity);
    const whole: Scope = { ...scope, from: experiment.started ?? until, to: until };
    const planned = plannedLooks(experiment);
    const passed = planned.filter((at) => at <= until);
    const names = experiment.arms.map(({ name }) => name);
    const control = names[0]!;
    const arms = (of: string, asOf: number): Promise<ArmRow[]> =>
      readArms(readView, whole, { experiment: p.experiment, metric: of, horizonDays, asOf });
    const last = passed.at(-1);
    const [exposures, byLook, guardRows] = await Promise.all([
      readView<ExposureRow>('experiment_exposures', { ...scopeParameters(whole), experiment: p.experiment }),
      Promise.all(passed.map((at) => arms(metric, at))),
      Promise.all(last === undefined ? [] : experiment.guardrails.map((name) => arms(name, last))),
    ]);
    const mixed = exposures.reduce((sum, row) => sum + row.mixed, 0);
    const exposed = experiment.arms.map(({ name, weight }) => ({
      arm: name,
      weight,
      n: exposures.reduce((sum, row) => sum + (row.arm === name ? row.n - row.mixed : 0), 0),
    }));
    const srm =
      exposed.length < 2
        ? { p: 1, verdict: 'ok' as const }
        : sampleRatioMismatch(
            exposed.map(({ n }) => n),
            exposed.map(({ weight }) => weight),
          );
    // several challengers share α: one of them crossing by chance is one false alarm
    const bounds =
      planned.length > 0
        ? groupSequentialBounds({
            fractions: planned.map((_, i) => (i + 1) / planned.length),
            alpha: ALPHA / Math.max(1, names.length - 1),
            spending: 'obrien-fleming',
          }).z
        : [];
    const blocked = srm.verdict === 'block';
    const looks: Look[] = blocked
      ? []
      : byLook.map((rows, i) => ({
          at: new Date(passed[i]!).toISOString(),
          z: strongest(rows, experiment).z,
          bound: bounds[i]!,
        }));
    const rows = blocked ? [] : (byLook.at(-1) ?? []);
    const leader = strongest(rows, experiment).arm;
    const { verdict, reason } = verdictOf({ srm: srm.verdict, looks, planned: planned.length, leader });
    const over = verdict === 'stop' || verdict === 'no_difference';
    const { plan, endsAt } = experiment;
    const immature = rows.reduce((sum, row) => sum + row.immature, 0);
    return {
      data: {
        metric,
        arms:
          rows.length === 0
            ? []
            : names.map((arm) => {
                const { successes, trials } = armOf(rows, arm);
                return { arm, n: trials, rate: rateEstimate(successes, trials) };
              }),
        exposed: exposed.map(({ arm, n }) => ({ arm, n })),
        mixed,
        immature,
        srm: { p: srm.p, verdict: srm.verdict },
        effect:
          rows.length === 0
            ? insufficient(0, 'relative change, group-sequential')
            : effectOf(rows, control, leader, bounds[looks.length - 1]!),
        looks,
        lossIfChosen: over ? lossesOf(rows, names) : {},
        guardrails: blocked
          ? []
          : guardRows.map((own, i) => guardrailOf(own, experiment.guardrails[i]!, control, leader)),
        plan: {
          perArm: plan.perArm,
          days: plan.days,
          endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
        },
        verdict,
        reason,
      },
      warnings: [
        ...(srm.verdict === 'warn'
          ? [{ code: 'SPLIT', text: 'the split looks uneven: check bots and consent' }]
          : []),
        ...(immature > 0
          ? [{ code: 'IMMATURE', text: `${immature} visitors may still convert within ${horizonDays} days` }]
          : []),
        ...(p.metric !== undefined && p.metric !== experiment.metric
          ? [{ code: 'NOT_PRIMARY', text: `the plan decides on ${experiment.metric}, not on ${p.metric}` }]
          : []),
        ...(last !== undefined && until - last > DAY_MS
          ? [{ code: 'LAST_LOOK', text: `numbers are those of the look of ${new Date(last).toISOString()}` }]
          : []),
      ],
    };
  },
});
