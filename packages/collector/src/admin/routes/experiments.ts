import { BUCKETS } from '@lintel/protocol';
import { Type, type Static } from '@sinclair/typebox';
import type { Clock } from '../../clock.js';
import { CollectorError } from '../../errors.js';
import {
  checkDefinition,
  ENGINES,
  planExperiment,
  smallestShare,
  type Baseline,
  type Definition,
  type Experiments,
  type Plan,
} from '../../experiments/index.js';
import { isStep, Outcome, scopeParameters, type ReadView } from '../../questions/index.js';
import type { Site, Sites } from '../../sites.js';
import { defineRoute, type Route } from '../route.js';
import { resolveSite } from '../scope.js';

export interface ExperimentsOptions {
  sites: Sites;
  clock: Clock;
  readView: ReadView;
  experiments: Experiments;
}

const DAY_MS = 86_400_000;
/** A plan trusts the last four weeks: whole weeks, so that weekends weigh as they will. */
const BASELINE_DAYS = 28;
/** Steps before an order, deepest first: what an experiment can be decided on when the deepest are too rare. */
const CANDIDATES = ['order', 'inquiry', 'config:save', 'price_view', 'option_select'] as const;

const name = Type.String({
  pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
  description: 'name given to experiment()',
});
const metric = Outcome();
const reason = Type.String({ minLength: 3, maxLength: 1024 });

const PlanAnswer = Type.Object({
  perArm: Type.Union([Type.Integer(), Type.Null()]),
  days: Type.Union([Type.Integer(), Type.Null()]),
  baseRate: Type.Union([Type.Number(), Type.Null()]),
  visitorsPerDay: Type.Number(),
  verdict: Type.String({ description: 'ok, too_long, no_baseline' }),
  advice: Type.String(),
  proxy: Type.Union([Type.Object({ metric: Type.String(), days: Type.Integer() }), Type.Null()]),
});

const definitionFields = {
  name,
  hypothesis: Type.String({ minLength: 3, maxLength: 1024 }),
  arms: Type.Array(
    Type.Object(
      { name, weight: Type.Integer({ minimum: 1, maximum: BUCKETS }) },
      { additionalProperties: false },
    ),
    { minItems: 2, maxItems: 10, description: 'the first is the control; weights sum to 10,000' },
  ),
  metric,
  effect: Type.Number({ minimum: 0.01, maximum: 10, description: 'smallest relative effect worth having' }),
};
const optionalFields = {
  traffic: Type.Optional(Type.Integer({ minimum: 1, maximum: BUCKETS })),
  guardrails: Type.Optional(Type.Array(metric, { maxItems: 5 })),
  horizonDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 90 })),
  looks: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
  engine: Type.Optional(
    Type.Union(
      ENGINES.map((engine) => Type.Literal(engine)),
      {
        description:
          'how it is read out: group-sequential (default) at planned looks; confidence-sequence or, for very rare events, e-process for daily watching, at the price of power; bayesian by what a wrong choice costs, after the planned visitors',
      },
    ),
  ),
  maxLoss: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description:
        "share of the control's rate that a wrong choice may cost (bayesian); a tenth of effect unless given",
    }),
  ),
};
const body = Type.Object({ ...definitionFields, ...optionalFields }, { additionalProperties: false });

const definitionOf = (given: Static<typeof body>): Definition => ({
  ...given,
  traffic: given.traffic ?? BUCKETS,
  guardrails: given.guardrails ?? [],
  horizonDays: given.horizonDays ?? 14,
  looks: given.looks ?? 5,
  engine: given.engine ?? 'group-sequential',
  maxLoss: given.maxLoss ?? given.effect / 10,
});

const ExperimentAnswer = Type.Object({
  ...definitionFields,
  site: Type.Integer(),
  version: Type.Integer(),
  traffic: Type.Integer(),
  guardrails: Type.Array(Type.String()),
  horizonDays: Type.Integer(),
  looks: Type.Integer(),
  engine: Type.String(),
  maxLoss: Type.Number(),
  splitReason: Type.Optional(Type.String()),
  salt: Type.String(),
  status: Type.String({ description: 'draft, running, stopped, decided' }),
  plan: PlanAnswer,
  created: Type.Integer(),
  started: Type.Union([Type.Integer(), Type.Null()]),
  endsAt: Type.Union([Type.Integer(), Type.Null()]),
  ended: Type.Union([Type.Integer(), Type.Null()]),
  decision: Type.Union([Type.String(), Type.Null()]),
  reason: Type.String(),
});

const query = Type.Object({ site: Type.Optional(Type.String({ maxLength: 128 })) });

/** Define, start, stop and decide experiments. What was planned before the start never moves. */
export const experimentRoutes = ({ sites, clock, readView, experiments }: ExperimentsOptions): Route[] => {
  const baseline = async (site: Site, wanted: string, horizonDays: number): Promise<Baseline> => {
    const to = clock.now() - horizonDays * DAY_MS;
    const everybody = ['*'];
    const rows = await readView<{ position: number; visitors: number }>('conversion_funnel', {
      ...scopeParameters({
        site,
        from: to - BASELINE_DAYS * DAY_MS,
        to,
        timeZone: site.timeZone,
        device: everybody,
        channel: everybody,
        country: everybody,
        model: everybody,
        segment: '*',
      }),
      steps: wanted === 'page_view' ? [wanted] : ['page_view', wanted],
      window: horizonDays * (DAY_MS / 1000),
      mode: 'ordered',
      unit: 'visitor',
      breakdown: '',
    });
    const at = (position: number): number => rows.find((row) => row.position === position)?.visitors ?? 0;
    const counted = wanted !== 'page_view' && isStep(wanted);
    return { metric: wanted, visitors: at(1), converted: at(2), days: BASELINE_DAYS, counted };
  };

  const planOf = async (site: Site, definition: Definition): Promise<Plan> => {
    const { metric: wanted, arms, effect, traffic, horizonDays, engine } = definition;
    const before = CANDIDATES.indexOf(wanted as (typeof CANDIDATES)[number]);
    const [primary, ...others] = await Promise.all(
      [wanted, ...CANDIDATES.slice(before + 1)].map((one) => baseline(site, one, horizonDays)),
    );
    return planExperiment([primary!, ...others], {
      arms: arms.length,
      effect,
      share: traffic / BUCKETS,
      smallest: smallestShare(arms),
      horizonDays,
      engine,
    });
  };

  return [
    defineRoute({
      method: 'get',
      path: '/api/admin/experiments',
      permission: 'experiments.read',
      summary: 'Experiments of a site, every version',
      query,
      answer: Type.Object({ experiments: Type.Array(ExperimentAnswer) }),
      handle: ({ query: { site } }, { token }) =>
        Promise.resolve({ experiments: experiments.list(resolveSite(site, sites, token).id) }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/admin/experiments',
      permission: 'experiments.write',
      summary: 'Defines an experiment and says how long it will take; nothing starts',
      query,
      body,
      answer: ExperimentAnswer,
      handle: async ({ query: { site: named }, body: given }, { token }) => {
        const site = resolveSite(named, sites, token);
        const definition = definitionOf(given);
        return experiments.define(site.id, definition, await planOf(site, definition));
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/admin/experiments/plan',
      permission: 'experiments.read',
      summary: 'Says how long an experiment would take and what to choose instead; keeps nothing',
      query,
      body,
      answer: PlanAnswer,
      handle: async ({ query: { site: named }, body: given }, { token }) => {
        const definition = definitionOf(given);
        checkDefinition(definition);
        return planOf(resolveSite(named, sites, token), definition);
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/admin/experiments/:name/start',
      permission: 'experiments.write',
      summary: 'Starts it; a plan over 180 days needs an owner and override',
      query,
      body: Type.Object({ override: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
      answer: ExperimentAnswer,
      handle: ({ query: { site: named }, body, path }, { token }) => {
        const site = resolveSite(named, sites, token);
        if (body.override && token.role !== 'owner')
          throw new CollectorError('FORBIDDEN', 'only an owner may start against the plan');
        return Promise.resolve(experiments.start(site.id, path['name']!, body.override ?? false));
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/admin/experiments/:name/stop',
      permission: 'experiments.write',
      summary: 'Stops it: pages show the control again',
      query,
      body: Type.Object({ reason }, { additionalProperties: false }),
      answer: ExperimentAnswer,
      handle: ({ query: { site: named }, body, path }, { token }) =>
        Promise.resolve(experiments.stop(resolveSite(named, sites, token).id, path['name']!, body.reason)),
    }),
    defineRoute({
      method: 'post',
      path: '/api/admin/experiments/:name/decide',
      permission: 'experiments.write',
      summary: 'Writes down which arm was chosen, and why',
      query,
      body: Type.Object({ arm: Type.String({ maxLength: 64 }), reason }, { additionalProperties: false }),
      answer: ExperimentAnswer,
      handle: ({ query: { site: named }, body, path }, { token }) =>
        Promise.resolve(
          experiments.decide(resolveSite(named, sites, token).id, path['name']!, body.arm, body.reason),
        ),
    }),
    defineRoute({
      method: 'post',
      path: '/api/admin/experiments/:name/explain-split',
      permission: 'experiments.write',
      summary:
        'Writes down why the split is not the planned one; the read-out is shown again, with that reason',
      query,
      body: Type.Object({ reason }, { additionalProperties: false }),
      answer: ExperimentAnswer,
      handle: ({ query: { site: named }, body: given, path }, { token }) =>
        Promise.resolve(
          experiments.explainSplit(resolveSite(named, sites, token).id, path['name']!, given.reason),
        ),
    }),
  ];
};
