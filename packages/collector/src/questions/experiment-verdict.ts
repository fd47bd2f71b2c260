import type { Engine, EnginePlan, Experiment, Look } from '../experiments/index.js';
import { DAY_MS } from './intervals.js';
import type { Warning } from './question.js';

export type Verdict = 'running' | 'stop' | 'no_difference' | 'blocked';

/** The decision and why, in words: only what the engine was allowed to see counts. */
export const verdictOf = (o: {
  blocked: boolean;
  experiment: Experiment;
  plan: EnginePlan | null;
  engine: Engine;
  looks: readonly Look[];
  over: boolean;
  names: readonly string[];
  until: number;
}): { verdict: Verdict; reason: string } => {
  const { experiment, plan, engine, looks, names } = o;
  if (o.blocked)
    return {
      verdict: 'blocked',
      reason: 'the split is not the planned one: results wait until that is explained',
    };
  if (plan === null || experiment.started === null)
    return { verdict: 'running', reason: 'not started: no look is planned yet' };
  const dayOf = (day: number): string => new Date(experiment.started! + day * DAY_MS).toISOString();
  const crossed = looks.find(({ challengers }) => challengers.some(({ decided }) => decided));
  if (crossed) {
    const said = crossed.challengers.flatMap(({ decided }, i) =>
      decided ? [`${names[i + 1]!} was ${decided} than ${names[0]!}`] : [],
    );
    return {
      verdict: 'stop',
      reason: `at the look of ${dayOf(crossed.day)} ${said.join(', ')} beyond its bound`,
    };
  }
  if (o.over)
    return {
      verdict: 'no_difference',
      reason:
        engine.name === 'bayesian' && looks.length > 0
          ? 'no difference beyond doubt: see what either choice costs on average'
          : 'the last planned look found no difference beyond its bound',
    };
  if (experiment.ended !== null && o.until < experiment.endsAt!)
    return { verdict: 'no_difference', reason: 'it was stopped before its planned end: too early to say' };
  return {
    verdict: 'running',
    reason:
      engine.name === 'group-sequential'
        ? `${looks.length} of ${plan.lookDays.length} planned looks are over: keep it running`
        : engine.name === 'bayesian'
          ? `nothing is read out before every arm has ${plan.perArm ?? 'its planned'} visitors: keep it running`
          : 'no difference beyond its bound so far: keep it running',
  };
};

/** What a reader must know beside the numbers. */
export const warningsOf = (o: {
  experiment: Experiment;
  metric: string;
  horizonDays: number;
  split: 'ok' | 'warn' | 'block';
  immature: number;
  /** Time of the last look when it is more than a day ago. */
  oldLook: string | null;
  worse: readonly { metric: string; arm: string }[];
}): Warning[] => {
  const { experiment, metric, horizonDays, split, immature } = o;
  const when = (holds: boolean, code: string, text: string): Warning[] => (holds ? [{ code, text }] : []);
  return [
    ...when(split === 'warn', 'SPLIT', 'the split looks uneven: check bots and consent'),
    ...when(
      split === 'block' && experiment.splitReason !== undefined,
      'SPLIT',
      `the split is not the planned one: ${experiment.splitReason}`,
    ),
    ...when(
      immature > 0,
      'IMMATURE',
      `${immature} visitors may still convert within ${horizonDays} days: they are not counted yet`,
    ),
    ...when(
      metric !== experiment.metric,
      'NOT_PRIMARY',
      `the plan decides on ${experiment.metric}, not on ${metric}`,
    ),
    ...when(
      horizonDays !== experiment.horizonDays,
      'NOT_PLANNED',
      `the plan counts outcomes for ${experiment.horizonDays} days, not for ${horizonDays}`,
    ),
    ...when(o.oldLook !== null, 'LAST_LOOK', `numbers are those of the look of ${o.oldLook}`),
    ...o.worse.map(({ metric: name, arm }) => ({ code: 'GUARDRAIL', text: `${arm} made ${name} worse` })),
  ];
};
