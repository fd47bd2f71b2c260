import { randomBytes } from 'node:crypto';
import { BUCKETS, type Arm } from '@lintel/protocol';
import { BadParameter, CollectorError } from '../errors.js';
import { LONGEST_DAYS, type Plan } from './plan.js';
import type { EngineName, EnginePlan } from './read-out/index.js';

const DAY_MS = 86_400_000;

/** What its author decides before the start; none of it moves afterwards. */
export interface Definition {
  name: string;
  hypothesis: string;
  /** The first is the control; weights in basis points, sum 10,000. */
  arms: readonly Arm[];
  /** Share of visitors that take part, basis points. */
  traffic: number;
  /** Primary outcome: `type` or `type:name`, for instance `config:save`. */
  metric: string;
  /** Outcomes that must not get worse. */
  guardrails: readonly string[];
  /** Smallest relative effect worth having, 0.1 = +10 %. */
  effect: number;
  /** Days after the first exposure in which an outcome counts. */
  horizonDays: number;
  /** Planned read-outs at equal steps of information, the last at the end; engines that may be watched look daily. */
  looks: number;
  /** Rule of the read-out. */
  engine: EngineName;
  /** Share of the control's rate that a wrong choice may cost; the Bayesian engine stops below it. */
  maxLoss: number;
}

export type Status = 'draft' | 'running' | 'stopped' | 'decided';

export interface Experiment extends Definition {
  site: number;
  version: number;
  salt: string;
  status: Status;
  plan: Plan;
  /** Epoch ms. */
  created: number;
  started: number | null;
  /** Planned end, set at the start: the last visitors that the plan needs have had their `horizonDays`. */
  endsAt: number | null;
  ended: number | null;
  /** Arm that was chosen, and why; also why it was stopped. */
  decision: string | null;
  reason: string;
  /** Why the split is not the planned one: with it the read-out is shown again, and says so. */
  splitReason?: string;
}

/** Smallest share of the visitors that any arm gets. */
export const smallestShare = (arms: readonly Arm[]): number =>
  Math.min(...arms.map(({ weight }) => weight)) / BUCKETS;

/** @throws {BadParameter} naming the field */
export const checkDefinition = (definition: Definition): void => {
  const { arms, guardrails, metric } = definition;
  const names = new Set(arms.map((arm) => arm.name));
  if (names.size !== arms.length) throw new BadParameter('arms', 'arms must have different names');
  const sum = arms.reduce((total, arm) => total + arm.weight, 0);
  if (sum !== BUCKETS) throw new BadParameter('arms', `weights of arms must sum to ${BUCKETS}, not ${sum}`);
  if (guardrails.includes(metric))
    throw new BadParameter('guardrails', 'the primary metric cannot guard itself');
};

const move = (experiment: Experiment, from: readonly Status[], what: string): void => {
  if (!from.includes(experiment.status))
    throw new CollectorError(
      'CONFLICT',
      `${experiment.name} is ${experiment.status}: only one that is ${from.join(' or ')} can be ${what}`,
    );
};

/** A new version has a new salt: nobody of an earlier version keeps his arm. */
export const draft = (o: {
  definition: Definition;
  site: number;
  version: number;
  plan: Plan;
  now: number;
}): Experiment => ({
  ...o.definition,
  site: o.site,
  version: o.version,
  salt: `${o.definition.name}-${o.version}-${randomBytes(6).toString('hex')}`,
  status: 'draft',
  plan: o.plan,
  created: o.now,
  started: null,
  endsAt: null,
  ended: null,
  decision: null,
  reason: '',
});

/** @param override an owner's word for a plan that is too long */
export const start = (experiment: Experiment, now: number, override: boolean): Experiment => {
  move(experiment, ['draft'], 'started');
  const { plan } = experiment;
  if (plan.verdict !== 'ok' && !override)
    throw new CollectorError('CONFLICT', `${plan.advice} (an owner may start it with override)`);
  return {
    ...experiment,
    status: 'running',
    started: now,
    // nobody knows how long an unseen metric takes; even so it ends
    endsAt: now + ((plan.days ?? LONGEST_DAYS) + experiment.horizonDays) * DAY_MS,
  };
};

/** @throws {CollectorError} `CONFLICT` before the start */
export const explainSplit = (experiment: Experiment, reason: string): Experiment => {
  move(experiment, ['running', 'stopped', 'decided'], 'explained');
  return { ...experiment, splitReason: reason };
};

/** What an engine's plan follows from. */
type Planned = Pick<Experiment, 'started' | 'endsAt' | 'horizonDays' | 'looks' | 'arms' | 'maxLoss'> & {
  plan: Pick<Plan, 'perArm'>;
};

/** The plan as its engine needs it; null before the start. */
export const enginePlanOf = (experiment: Planned): EnginePlan | null => {
  const { started, endsAt, horizonDays, looks, plan, arms } = experiment;
  if (started === null || endsAt === null) return null;
  const lastDay = Math.round((endsAt - started) / DAY_MS);
  const recruiting = Math.max(1, lastDay - horizonDays);
  const lookDays = Array.from({ length: looks }, (_, i) =>
    Math.min(lastDay, horizonDays + Math.ceil((recruiting * (i + 1)) / looks)),
  );
  return {
    plannedN: plan.perArm === null ? null : plan.perArm / smallestShare(arms),
    perArm: plan.perArm,
    // short plans have fewer days than looks
    lookDays: [...new Set(lookDays)],
    firstDay: horizonDays + 1,
    lastDay,
    maxLoss: experiment.maxLoss,
  };
};

export const stop = (experiment: Experiment, now: number, reason: string): Experiment => {
  move(experiment, ['running'], 'stopped');
  return { ...experiment, status: 'stopped', ended: now, reason };
};

export const decide = (experiment: Experiment, arm: string, reason: string): Experiment => {
  move(experiment, ['stopped'], 'decided');
  if (!experiment.arms.some((one) => one.name === arm))
    throw new BadParameter('arm', `arm must be one of ${experiment.arms.map((one) => one.name).join(', ')}`);
  return { ...experiment, status: 'decided', decision: arm, reason };
};
