import { Type } from '@sinclair/typebox';
import { betaInterval } from '../statistics/index.js';
import { EstimateSchema, insufficient, rateEstimate, rateMethod, type Estimate } from './estimate.js';
import { DAY_MS, epochOf } from './intervals.js';
import { createLookup } from './lookup.js';
import { noData } from './no-data.js';
import { empiricalPrior } from './prior.js';
import { defineQuestion, scopeParameters, type ReadView, type Scope, type Warning } from './question.js';

/** After the last step of a short session, and its number in the view `journey_ways`. */
const END = '(end)';
const END_ID = '0';
/** A node of a decision is this and its group. */
const DECISION = 'option:';
/** As many edges as the view `user_journey` gives; beyond, the rarest are missing. */
const MOST_EDGES = 500;
const PATHS_SHOWN = 50;

/** As many as the view `journey_sessions` gives. */
const SESSIONS_SHOWN = 50;

/**
 * Line of the view `journey_ways`: an edge of two nodes, or a piece of three at position 0, or without nodes all sessions;
 * nodes by number or name.
 */
interface WayRow {
  position: number;
  nodes: string[];
  n: number;
  k: number;
}
interface Edge {
  position: number;
  source: string;
  target: string;
  sessions: number;
  converted: number;
}
interface Piece {
  path: string[];
  n: number;
  k: number;
}

/** Line of the view `journey_decisions`. */
interface DecisionRow {
  id: string;
  n: number;
  mean_position: number;
  rewinds: number;
  median_s: number | null;
  left_after: number;
}
interface SessionRow {
  session: string;
  started: string;
  events: number;
  seconds: number;
  inquired: number;
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

/** Names of nodes, by the numbers that the views tell. */
const readNames = createLookup<{ id: string; name: string }, string>('journey_nodes', ({ id, name }) => [
  id,
  name,
]);

/** Ways and decisions with the names of their nodes, the most frequent ways and the earliest decisions first. */
const readNamed = async (
  readView: ReadView,
  scope: Scope,
  o: { depth: number; start: string; backwards: number; min: number },
): Promise<{ ways: WayRow[]; decisions: (DecisionRow & { group: string })[] }> => {
  const all = scopeParameters(scope);
  const reading = Promise.all([
    readView<WayRow>('journey_ways', { ...all, ...o }),
    readView<DecisionRow>('journey_decisions', all),
  ]);
  const numbers = reading.then(([ways, decisions]) =>
    [...ways.flatMap(({ nodes }) => nodes), ...decisions.map(({ id }) => id)].filter((id) => id !== END_ID),
  );
  const [[ways, decisions], names] = await Promise.all([reading, readNames(readView, scope, numbers)]);
  const nameOf = (id: string): string => (id === END_ID ? END : (names.get(id) ?? id));
  return {
    ways: ways
      .map(({ position, nodes, n, k }) => ({ position, nodes: nodes.map(nameOf), n, k }))
      .sort(
        (p, q) => q.n - p.n || p.position - q.position || (p.nodes.join('\n') < q.nodes.join('\n') ? -1 : 1),
      ),
    decisions: decisions.map((row) => ({ ...row, group: nameOf(row.id).slice(DECISION.length) })),
  };
};

/**
 * The newest sessions: nearly always those of the last two days, of which none that began in the second is cut off, because
 * a session lasts a day at most. What a visitor looked at (`model`) is asked of the whole range.
 */
const readSessions = async (readView: ReadView, scope: Scope): Promise<SessionRow[]> => {
  const all = scopeParameters(scope);
  const from = scope.to - 2 * DAY_MS;
  if (from > scope.from && scope.model.includes('*')) {
    const newest = await readView<SessionRow>('journey_sessions', { ...all, from });
    if (newest.length === SESSIONS_SHOWN && epochOf(newest.at(-1)!.started) >= from + DAY_MS) return newest;
  }
  return readView<SessionRow>('journey_sessions', all);
};

const edgesOf = (ways: readonly WayRow[]): Edge[] =>
  ways
    .filter(({ position }) => position > 0)
    .slice(0, MOST_EDGES)
    .map(({ position, nodes: [source, target], n, k }) => ({
      position,
      source: source!,
      target: target!,
      sessions: n,
      converted: k,
    }));

const piecesOf = (ways: readonly WayRow[]): Piece[] =>
  ways
    .filter(({ position, nodes }) => position === 0 && nodes.length > 0)
    .map(({ nodes, n, k }) => ({ path: nodes, n, k }));

/** Every passage of a node has one edge out of it: to the next step or to the end. */
const nodesOf = (edges: readonly Edge[]): { node: string; sessions: number; left: Estimate }[] => {
  const counts = new Map<string, { sessions: number; left: number }>();
  for (const { source, target, sessions } of edges) {
    const own = counts.get(source) ?? { sessions: 0, left: 0 };
    counts.set(source, {
      sessions: own.sessions + sessions,
      left: own.left + (target === END ? sessions : 0),
    });
  }
  return [...counts]
    .map(([node, { sessions, left }]) => ({
      node,
      sessions,
      left: rateEstimate(left, sessions, undefined, 'jeffreys, passages'),
    }))
    .sort((p, q) => q.sessions - p.sessions || (p.node < q.node ? -1 : 1));
};

/** How many times the usual rate; its bounds are those of the rate. */
const liftOf = (rate: Estimate, usual: number): Estimate => {
  if (rate.value === null || !(usual > 0)) return insufficient(rate.n, rate.method);
  return { ...rate, value: rate.value / usual, lo: rate.lo! / usual, hi: rate.hi! / usual };
};

/**
 * Ranked by the lower bound: a path that few took must earn its place.
 * @param usual share of all sessions that asked
 */
const pathsOf = (rows: readonly Piece[], usual: number) => {
  const prior = empiricalPrior(
    rows.map(({ path, k, n }) => ({ key: path.join('>'), successes: k, trials: n })),
  );
  if (!prior) return [];
  const method = rateMethod(prior, 'sessions');
  return rows
    .map(({ path, n, k }) => {
      const rate = rateEstimate(k, n, prior, method);
      const above = betaInterval(k, n, { ...prior, level: 0.95 }).lo - usual;
      return { above, path, n, rate, lift: liftOf(rate, usual) };
    })
    .sort((p, q) => q.above - p.above || q.n - p.n)
    .slice(0, PATHS_SHOWN)
    .map(({ path, n, rate, lift }) => ({ path, n, rate, lift }));
};

/** Why there are no paths, where there were steps. */
const lackOf = (pieces: readonly Piece[], min: number): Warning => {
  const asked = pieces.reduce((sum, { k }) => sum + k, 0);
  return {
    code: 'TOO_FEW',
    text: `paths are compared from two ways of three steps on, each gone by ${min} sessions (min), some of which asked and some did not: ${pieces.length} found, with ${asked} inquiries`,
  };
};

export const userJourney = defineQuestion({
  name: 'user-journey',
  summary: 'Which ways lead to an inquiry, which lead out?',
  parameters: Type.Object({
    depth: Type.Integer({
      minimum: 2,
      maximum: 8,
      default: 5,
      description: 'steps of a session that are followed',
    }),
    start: Type.String({
      maxLength: 256,
      default: '',
      description: "node to start from; '' = the first of a session",
      examples: ['/', 'option:facade'],
    }),
    backwards: Type.Integer({
      minimum: 0,
      maximum: 1,
      default: 0,
      description: '1 = from the last step back',
    }),
    session: Type.Optional(
      Type.String({
        maxLength: 20,
        pattern: '^[0-9]{1,20}$',
        description: 'one of `sessions`, to be rebuilt step by step',
        examples: ['1001'],
      }),
    ),
    min: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 20,
      description: 'sessions a path must have',
    }),
  }),
  data: Type.Object({
    edges: Type.Array(
      Type.Object({
        position: Type.Number({ description: '1 = first step' }),
        source: Type.String(),
        target: Type.String({ description: `${END} = the session ended here` }),
        sessions: Type.Number(),
        converted: Type.Number({ description: 'of them with an inquiry' }),
      }),
    ),
    nodes: Type.Array(
      Type.Object({
        node: Type.String(),
        sessions: Type.Number({ description: 'passages: a session may pass twice' }),
        left: EstimateSchema,
      }),
    ),
    paths: Type.Array(
      Type.Object({
        path: Type.Array(Type.String()),
        n: Type.Number(),
        rate: EstimateSchema,
        lift: EstimateSchema,
      }),
      {
        description:
          'three steps before the inquiry, ranked by lower bound minus the share of all sessions that asked, which `lift` is a multiple of',
      },
    ),
    decisions: Type.Array(
      Type.Object({
        group: Type.String(),
        n: Type.Number({ description: 'choices made' }),
        meanPosition: Type.Number({ description: '1 = decided first' }),
        again: EstimateSchema,
        medianSeconds: Type.Union([Type.Number(), Type.Null()]),
        leftAfter: EstimateSchema,
      }),
      { description: 'order of decisions, changes of mind (again), time, and leavings they cost' },
    ),
    sessions: Type.Array(
      Type.Object({
        session: Type.String(),
        started: Type.String(),
        events: Type.Number(),
        seconds: Type.Number(),
        inquired: Type.Boolean(),
      }),
      { description: 'the newest fifty' },
    ),
    steps: Type.Array(
      Type.Object({
        at: Type.String(),
        type: Type.String(),
        path: Type.String(),
        detail: Type.String(),
        price: Type.Union([Type.Number(), Type.Null()]),
      }),
      { description: 'of the session that was asked for' },
    ),
  }),
  table: (scope, { depth, start, backwards }) => ({
    view: 'user_journey',
    parameters: { ...scopeParameters(scope), depth, start, backwards },
  }),
  ask: async (scope, { depth, start, backwards, min, session }, { readView }) => {
    const all = scopeParameters(scope);
    const [{ ways, decisions }, sessions, steps] = await Promise.all([
      readNamed(readView, scope, { depth, start, backwards, min }),
      readSessions(readView, scope),
      session === undefined ? [] : readView<StepRow>('session_steps', { ...all, session }),
    ]);
    const edges = edgesOf(ways);
    const pieces = piecesOf(ways);
    const whole = ways.find(({ nodes }) => nodes.length === 0);
    const paths = pathsOf(pieces, whole ? whole.k / whole.n : 0);
    return {
      data: {
        edges,
        nodes: nodesOf(edges),
        paths,
        decisions: decisions.map((row) => ({
          group: row.group,
          n: row.n,
          meanPosition: row.mean_position,
          again: rateEstimate(row.rewinds, row.n, undefined, 'jeffreys, choices'),
          medianSeconds: row.median_s,
          leftAfter: rateEstimate(row.left_after, row.n, undefined, 'jeffreys, choices'),
        })),
        sessions: sessions.map((row) => ({
          session: row.session,
          started: row.started,
          events: row.events,
          seconds: row.seconds,
          inquired: Boolean(row.inquired),
        })),
        steps: steps.map(({ ts, type, path, detail, price }) => ({ at: ts, type, path, detail, price })),
      },
      warnings: [
        ...(edges.length === 0
          ? [noData(scope, start === '' ? 'session' : `session that passed ${start}`)]
          : paths.length === 0
            ? [lackOf(pieces, min)]
            : []),
        ...(edges.length < MOST_EDGES
          ? []
          : [{ code: 'TRUNCATED', text: `only the ${MOST_EDGES} most frequent steps are shown` }]),
      ],
    };
  },
});
