/** What is asked, and how long it may take (p50, ms) with the finished days built. */
export interface Asking {
  name: string;
  path: string;
  target: number;
}

/** From `events`, where no roll-up helps. */
const EVENTS_MS = 600;
const ROLLUP_MS = 150;
const LIVE_MS = 50;

const ask = (name: string, target: number, query = ''): Asking => ({
  name: query === '' ? name : `${name} ${query}`,
  path: `/api/admin/analytics/${name}?timeRange=30d${query === '' ? '' : `&${query}`}`,
  target,
});

/** Chapter 4's own limits where they are tighter than the general ones. */
export const ASKED: readonly Asking[] = [
  ask('overview', ROLLUP_MS),
  ask('overview', EVENTS_MS, 'device=mobile&channel=search'),
  ask('user-journey', 400),
  ask('popular-configs', ROLLUP_MS),
  ask('conversion-funnel', 300),
  ask('conversion-funnel', EVENTS_MS, 'breakdown=device'),
  ask('real-time', LIVE_MS),
  ask('performance', ROLLUP_MS),
  ask('revenue-forecast', 600),
  ask('customer-segments', EVENTS_MS),
  ask('price-optimization', 500),
  ask('market-trends', ROLLUP_MS),
  ask('market-trends', ROLLUP_MS, 'dimension=option'),
  ask('cohorts', 300),
  ask('experiments', 300, 'experiment=landing-picture'),
  ask('heatmap', ROLLUP_MS, 'page=/konfigurator'),
  ask('attribution', 500),
  ask('lifetime-value', EVENTS_MS),
  ask('data-quality', 300),
];

const JOB_MS = 20;

/** What jobs keep, and who keeps it: a table answers, nothing is worked out. */
export const KEPT: readonly (Asking & { job: string })[] = (
  [
    ['configs', 'rank-configs'],
    ['days', 'summarise-day'],
    ['hours', 'aggregate-performance'],
    ['quality', 'check-quality'],
    ['weeks', 'analyse-behaviour'],
    ['months', 'report-month'],
  ] as const
).map(([of, job]) => ({
  name: of,
  job,
  path: `/api/admin/jobs/results?of=${of}&timeRange=30d`,
  target: JOB_MS,
}));
