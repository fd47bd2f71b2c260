import {
  engineOf,
  enginePlanOf,
  readingsAt,
  type Engine,
  type EnginePlan,
  type Experiment,
  type Look,
  type Reading,
} from '../experiments/index.js';
import { sampleRatioMismatch } from '../statistics/index.js';
import { verdictOf, type Verdict } from './experiment-verdict.js';
import { DAY_MS } from './intervals.js';
import type { ReadView } from './question.js';

/** Line of the view `experiment_days`. */
export interface DayViewRow {
  metric: string;
  arm: string;
  day: number;
  n: number;
  mixed: number;
  k: number;
  with_past: number;
  x_sum: number;
  x_squares: number;
  xk: number;
}

/** Sums of each arm at some days after the start. */
export const readingsOf = (
  rows: readonly DayViewRow[],
  names: readonly string[],
  days: readonly number[],
): Reading[] =>
  readingsAt(
    rows.map(({ arm, day, n, k, with_past, x_sum, x_squares, xk }) => ({
      arm,
      day,
      n,
      k,
      withPast: with_past,
      x: x_sum,
      xx: x_squares,
      xk,
    })),
    names,
    days,
  );

/** How an experiment stands: what its rules allow to be seen of it. */
export interface ExperimentReading {
  /** Outcomes count up to here; epoch ms. */
  until: number;
  plan: EnginePlan | null;
  engine: Engine;
  /** Lines of one of the metrics. */
  rowsOf: (metric: string) => DayViewRow[];
  /** Those of the days after the start that are over. */
  passed: (days: readonly number[]) => number[];
  exposed: { arm: string; weight: number; n: number }[];
  split: ReturnType<typeof sampleRatioMismatch>;
  /** The split is not the planned one, and nobody said why: nothing is shown. */
  blocked: boolean;
  seen: Reading[];
  looks: Look[];
  verdict: Verdict;
  reason: string;
  /** Ended by hand before its plan, and no bound was crossed: too early to say. */
  early: boolean;
}

/**
 * Reads the newest version of an experiment for everybody it was planned for.
 * @param metric decides   @param metrics others that are read with it   @param keepMs as of `ReadView`
 */
export const readExperimentDays = async (
  readView: ReadView,
  experiment: Experiment,
  o: {
    site: number;
    now: number;
    metric: string;
    metrics?: readonly string[];
    horizonDays: number;
    keepMs?: number;
  },
): Promise<ExperimentReading> => {
  const { started, ended, endsAt } = experiment;
  const until = Math.min(o.now, ended ?? Infinity);
  const names = experiment.arms.map(({ name }) => name);
  const plan = enginePlanOf(experiment);
  const engine = engineOf(experiment.engine);
  const passed = (days: readonly number[]): number[] =>
    started === null ? [] : days.filter((day) => started + day * DAY_MS <= until);
  const all = await readView<DayViewRow>(
    'experiment_days',
    {
      site: o.site,
      from: started ?? until,
      to: until,
      experiment: experiment.name,
      version: experiment.version,
      metrics: [...new Set([o.metric, ...(o.metrics ?? [])])],
      horizon_days: o.horizonDays,
    },
    undefined,
    o.keepMs,
  );
  const rowsOf = (metric: string): DayViewRow[] => all.filter((row) => row.metric === metric);
  const rows = rowsOf(o.metric);
  const exposed = experiment.arms.map(({ name, weight }) => ({
    arm: name,
    weight,
    n: rows.reduce((total, row) => (row.arm === name ? total + row.n : total), 0),
  }));
  const split = sampleRatioMismatch(
    exposed.map(({ n }) => n),
    exposed.map(({ weight }) => weight),
  );
  const blocked = split.verdict === 'block' && experiment.splitReason === undefined;
  const days = plan ? passed(engine.daysOf(plan)) : [];
  const seen = blocked || !plan ? [] : readingsOf(rows, names, days);
  const { looks, over } = seen.length > 0 ? engine.read(seen, plan!) : { looks: [], over: false };
  const { verdict, reason } = verdictOf({ blocked, experiment, plan, engine, looks, over, names, until });
  const early = verdict === 'no_difference' && !over && ended !== null && endsAt !== null && until < endsAt;
  return {
    until,
    plan,
    engine,
    rowsOf,
    passed,
    exposed,
    split,
    blocked,
    seen,
    looks,
    verdict,
    reason,
    early,
  };
};
