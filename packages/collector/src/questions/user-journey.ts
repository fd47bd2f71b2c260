import { Type } from '@sinclair/typebox';
import { empiricalBayesRate, StatisticsError } from '../statistics/index.js';
import { EstimateSchema, insufficient, rateEstimate, type Estimate } from './estimate.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';

/** Where a way ends that was shorter than the depth asked for. */
const END = '(end)';

interface EdgeRow {
  position: number;
  source: string;
  target: string;
  sessions: number;
  converted: number;
}
interface PathRow {
  path: string[];
  n: number;
  k: number;
}
interface StepRow {
  ts: string;
  seq: number;
  type: string;
  name: string;
  path: string;
  detail: string;
  price: number | null;
}

interface Parameters {
  depth: number;
  start: string;
  backwards: boolean;
  minimum: number;
  session?: string;
}

const edgesParameters = (scope: Scope, p: Parameters): Record<string, ViewParameter> => ({
  ...scopeParameters(scope),
  depth: p.depth,
  start: p.start,
  backwards: p.backwards ? 1 : 0,
});

/** How often a way ended at each node: the share of its sessions whose next step is the end. */
const nodesOf = (edges: readonly EdgeRow[]): { node: string; sessions: number; left: Estimate }[] => {
  const nodes = new Map<string, { sessions: number; left: number }>();
  for (const { source, target, sessions } of edges) {
    const node = nodes.get(source) ?? { sessions: 0, left: 0 };
    nodes.set(source, {
      sessions: node.sessions + sessions,
      left: node.left + (target === END ? sessions : 0),
    });
  }
  return [...nodes]
    .map(([node, { sessions, left }]) => ({ node, sessions, left: rateEstimate(left, sessions) }))
    .sort((p, q) => q.sessions - p.sessions || (p.node < q.node ? -1 : 1));
};

/**
 * Three-step pieces, ranked by how far the lower bound of their rate lies above the rate of all: a piece seen twice
 * that "always converts" does not come first.
 */
const rankPaths = (rows: readonly PathRow[], base: { k: number; n: number }) => {
  const rate = base.n > 0 ? base.k / base.n : 0;
  const groups = rows.map((row, index) => ({ key: String(index), successes: row.k, trials: row.n }));
  let prior: { a: number; b: number } | undefined;
  try {
    prior = empiricalBayesRate(groups);
  } catch (error) {
    if (!(error instanceof StatisticsError && error.code === 'TOO_FEW')) throw error;
  }
  return rows
    .map(({ path, n, k }) => {
      const own = rateEstimate(k, n, prior);
      const times = (value: number | null): number | null =>
        value === null || rate === 0 ? null : value / rate;
      const lift: Estimate =
        own.value === null || rate === 0
          ? insufficient(n, 'rate ÷ rate of all sessions')
          : {
              value: times(own.value),
              lo: times(own.lo),
              hi: times(own.hi),
              n,
              method: 'rate ÷ rate of all sessions',
              quality: own.quality,
            };
      return { path, n, rate: own, lift };
    })
    .sort((p, q) => (q.rate.lo ?? -1) - (p.rate.lo ?? -1) || q.n - p.n);
};

export const userJourney = defineQuestion({
  name: 'user-journey',
  summary: 'Which ways lead to an inquiry, which lead out?',
  parameters: Type.Object({
    depth: Type.Integer({ minimum: 2, maximum: 8, default: 5, description: 'steps of a way' }),
    start: Type.String({
      maxLength: 256,
      default: '',
      description: 'node where ways begin (or end, backwards); empty = first step of the session',
    }),
    backwards: Type.Boolean({ default: false, description: 'ways that lead to the start node' }),
    minimum: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 5,
      description: 'fewest sessions of a path',
    }),
    session: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,20}$',
        description: 'one session, step by step, instead of the sum',
      }),
    ),
  }),
  data: Type.Object({
    edges: Type.Array(
      Type.Object({
        position: Type.Number(),
        source: Type.String(),
        target: Type.String(),
        sessions: Type.Number(),
        converted: Type.Number({ description: 'of them with an inquiry' }),
      }),
    ),
    nodes: Type.Array(Type.Object({ node: Type.String(), sessions: Type.Number(), left: EstimateSchema })),
    paths: Type.Array(
      Type.Object({
        path: Type.Array(Type.String()),
        n: Type.Number(),
        rate: EstimateSchema,
        lift: EstimateSchema,
      }),
    ),
    decisions: Type.Array(
      Type.Object({
        group: Type.String(),
        n: Type.Number(),
        meanPosition: Type.Number(),
        rewinds: Type.Number({ description: 'choices in a group that had been decided before' }),
        medianSeconds: Type.Union([Type.Number(), Type.Null()]),
        leftAfter: Type.Number({ description: 'last choice of a session without an inquiry' }),
      }),
    ),
    sessions: Type.Array(
      Type.Object({
        session: Type.String(),
        started: Type.String(),
        events: Type.Number(),
        seconds: Type.Number(),
        inquired: Type.Boolean(),
      }),
      { description: 'the newest, to open one' },
    ),
    steps: Type.Array(
      Type.Object({
        time: Type.String(),
        type: Type.String(),
        name: Type.String(),
        path: Type.String(),
        detail: Type.String(),
        price: Type.Union([Type.Number(), Type.Null()]),
      }),
      { description: 'of the one session asked for' },
    ),
  }),
  table: (scope, p) => ({ view: 'user_journey', parameters: edgesParameters(scope, p as Parameters) }),
  ask: async (scope, p, { readView }) => {
    const all = scopeParameters(scope);
    const edges = edgesParameters(scope, p as Parameters);
    const [edgeRows, paths, decisions, sessions, [base], steps] = await Promise.all([
      readView<EdgeRow>('user_journey', edges),
      readView<PathRow>('journey_paths', { ...all, min: p.minimum }),
      readView<{
        option_group: string;
        n: number;
        mean_position: number;
        rewinds: number;
        median_s: number | null;
        left_after: number;
      }>('decision_path', all),
      readView<{ session: string; started: string; events: number; seconds: number; inquired: number }>(
        'journey_sessions',
        all,
      ),
      readView<{ sessions: number; converted: number }>('journey_base', all),
      p.session === undefined
        ? Promise.resolve([])
        : readView<StepRow>('session_steps', { ...all, session: p.session }),
    ]);
    return {
      data: {
        edges: edgeRows.map(({ position, source, target, sessions: n, converted }) => ({
          position,
          source,
          target,
          sessions: n,
          converted,
        })),
        nodes: nodesOf(edgeRows),
        paths: rankPaths(paths, { k: base?.converted ?? 0, n: base?.sessions ?? 0 }).slice(0, 100),
        decisions: decisions.map((row) => ({
          group: row.option_group,
          n: row.n,
          meanPosition: row.mean_position,
          rewinds: row.rewinds,
          medianSeconds: row.median_s,
          leftAfter: row.left_after,
        })),
        sessions: sessions.map((row) => ({ ...row, inquired: row.inquired > 0 })),
        steps: steps.map(({ ts, type, name, path, detail, price }) => ({
          time: ts,
          type,
          name,
          path,
          detail,
          price,
        })),
      },
    };
  },
});
