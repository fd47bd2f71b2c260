import { Type, type Static } from '@sinclair/typebox';
import type { Clock } from '../../clock.js';
import type { Run } from '../../jobs/index.js';
import { scopeParameters, type ReadView } from '../../questions/index.js';
import type { Sites } from '../../sites.js';
import { EXPORT_FORMATS, exportStream, type ReadBytes } from '../export.js';
import { defineRoute, type Route } from '../route.js';
import { resolveScope, ScopeParameters } from '../scope.js';
import type { Token } from '../tokens.js';

export interface JobsOptions {
  sites: Sites;
  clock: Clock;
  readView: ReadView;
  readBytes: ReadBytes;
  /** Newest run of each job. */
  listRuns: () => Promise<Run[]>;
}

/** What each job keeps, and the view that shows it. */
const RESULTS = {
  configs: { view: 'report_configs', by: 'rank-configs' },
  days: { view: 'report_days', by: 'summarise-day' },
  hours: { view: 'report_hours', by: 'aggregate-performance' },
  ledger: { view: 'report_ledger', by: 'verify-ledger' },
  months: { view: 'report_months', by: 'report-month' },
  quality: { view: 'report_quality', by: 'check-quality' },
  weeks: { view: 'report_weeks', by: 'analyse-behaviour' },
} as const;
type Result = keyof typeof RESULTS;
const NAMES = Object.keys(RESULTS) as Result[];

const { site, timeRange, from, to, timeZone } = ScopeParameters.properties;
const Query = Type.Object({
  of: Type.Union(
    NAMES.map((name) => Type.Literal(name)),
    {
      description: NAMES.map((name) => `${name} = ${RESULTS[name].by}`).join(', '),
      examples: ['days'],
    },
  ),
  site,
  timeRange,
  from,
  to,
  timeZone,
  format: Type.Union(
    ['json', ...EXPORT_FORMATS].map((format) => Type.Literal(format)),
    { default: 'json', description: 'json = the answer; the others stream it' },
  ),
});
const EVERYBODY = ['*'];

/** Jobs that follow local days have the site behind their name: `summarise-day:1`. */
const isVisible = (token: Token, job: string): boolean => {
  const [, own] = job.split(':');
  return token.sites === '*' || own === undefined || token.sites.includes(Number(own));
};

/** Background jobs: when each ran last, and what it keeps. */
export const jobRoutes = ({ sites, clock, readView, readBytes, listRuns }: JobsOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/admin/jobs',
    permission: 'jobs.read',
    summary: 'Newest run of every background job',
    query: Type.Object({}),
    answer: Type.Object({
      jobs: Type.Array(
        Type.Object({
          job: Type.String({ description: 'with its site where it follows local days' }),
          slot: Type.String({ description: 'identity of the planned run' }),
          planned: Type.String(),
          started: Type.String(),
          state: Type.Union(['running', 'done', 'failed'].map((state) => Type.Literal(state))),
          ms: Type.Integer(),
          rows: Type.Integer({ description: 'written' }),
          error: Type.String(),
        }),
      ),
    }),
    handle: async (_input, { token }) => ({
      jobs: (await listRuns())
        .filter(({ job }) => isVisible(token, job))
        .sort((p, q) => (p.job < q.job ? -1 : 1))
        .map(({ job, slot, at, started, state, ms, rows, error }) => ({
          job,
          slot,
          planned: new Date(at).toISOString(),
          started: new Date(started).toISOString(),
          state,
          ms,
          rows,
          error,
        })),
    }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/admin/jobs/results',
    permission: 'analytics.read',
    summary: 'What background jobs keep: it outlives the raw events',
    query: Query,
    formats: ['text/csv', 'application/vnd.apache.parquet', 'application/vnd.apache.arrow.stream'],
    answer: Type.Object({
      of: Type.String(),
      site: Type.String(),
      from: Type.String(),
      to: Type.String(),
      timeZone: Type.String(),
      rows: Type.Array(Type.Record(Type.String(), Type.Unknown())),
    }),
    handle: async ({ query }, { token }) => {
      const { of, format, ...asked } = query as Static<typeof Query> & { of: Result; format: string };
      const scope = resolveScope(
        {
          ...asked,
          device: EVERYBODY,
          channel: EVERYBODY,
          country: EVERYBODY,
          model: EVERYBODY,
          segment: '*',
        },
        sites,
        token,
        clock,
      );
      const { view } = RESULTS[of];
      if (format !== 'json')
        return exportStream({ name: of, scope, view, parameters: scopeParameters(scope), format, readBytes });
      return {
        of,
        site: String(scope.site.id),
        from: new Date(scope.from).toISOString(),
        to: new Date(scope.to).toISOString(),
        timeZone: scope.timeZone,
        rows: await readView<Record<string, unknown>>(view, scopeParameters(scope)),
      };
    },
  }),
];
