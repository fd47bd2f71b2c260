import type { PanelSpec, Translate } from './panelSpec';
import { FUNNEL_STEPS, stepWords } from './steps';
import { FROM, TO, variable, view } from './view';

const DAY_S = 86_400;

const SITE = variable('site');
const ZONE = variable('tz');
const EVERYBODY = {
  device: ['*'],
  channel: ['*'],
  country: ['*'],
  model: ['*'],
  segment: '*',
} as const;
const RANGE = { site: SITE, from: FROM, to: TO, tz: ZONE };

/** The queries of what happens now: they know their own half hour and take no time range. */
export const NOW_SQL = {
  visitors: view('live_visitors', { site: SITE }),
  minutes: view('real_time', { site: SITE, tz: ZONE }),
  steps: view('live_steps', { site: SITE }),
  freshness: view('freshness', { site: SITE }),
} as const;

/** The queries of a day so far: the time range of the page is today in the site's time zone. */
export const DAY_SQL = {
  totals: view('overview_total', { site: SITE, from: FROM, to: TO, ...EVERYBODY }),
  funnel: view('conversion_funnel', {
    site: SITE,
    from: FROM,
    to: TO,
    ...EVERYBODY,
    steps: FUNNEL_STEPS,
    window: DAY_S,
    mode: 'ordered',
    unit: 'visitor',
    breakdown: '',
  }),
  capture: view('capture_rate', { ...RANGE, by: '', step: DAY_S }),
} as const;

/** Capture rate below which a number may not be believed; the ledger rule warns at the same. */
export const CAPTURE_FLOOR = 0.99;

/** Shades that can be read as text in both themes. */
const GREEN_AT_LAST = [
  { value: null, color: 'semi-dark-red' },
  { value: 0.9, color: 'dark-orange' },
  { value: CAPTURE_FLOOR, color: 'semi-dark-green' },
] as const;

const FRESH = [
  { value: null, color: 'semi-dark-green' },
  { value: 300, color: 'dark-orange' },
  { value: 3600, color: 'semi-dark-red' },
] as const;

export const visitorsNow = (t: Translate): PanelSpec => ({
  key: 'visitors-now',
  kind: 'stat',
  title: t('panels.visitorsNow.title', 'Visitors now'),
  description: t(
    'panels.visitorsNow.description',
    'Different visitors who did anything in the last 5 minutes',
  ),
  unit: 'short',
  noValue: '0',
  sql: NOW_SQL.visitors,
  columns: ['visitors_5m'],
});

export const eventsByMinute = (t: Translate): PanelSpec => ({
  key: 'events-by-minute',
  kind: 'stat',
  title: t('panels.events.title', 'Events in 30 minutes'),
  description: t('panels.events.description', 'Everything that happened in the last 30 minutes, by minute'),
  unit: 'short',
  noValue: '0',
  sql: NOW_SQL.minutes,
  columns: ['minute', 'events'],
  calc: 'sum',
  sparkline: true,
  color: 'blue',
});

const visitorsAt = (step: string, text: Pick<PanelSpec, 'key' | 'title' | 'description'>): PanelSpec => ({
  ...text,
  kind: 'stat',
  unit: 'short',
  noValue: '0',
  sql: NOW_SQL.steps,
  where: { column: 'step', equals: step },
  columns: ['visitors_5m'],
});

export const configuringNow = (t: Translate): PanelSpec =>
  visitorsAt('option_select', {
    key: 'configuring-now',
    title: t('panels.configuring.title', 'Configuring now'),
    description: t('panels.configuring.description', 'Visitors who chose an option in the last 5 minutes'),
  });

export const atPriceNow = (t: Translate): PanelSpec =>
  visitorsAt('price_view', {
    key: 'at-price-now',
    title: t('panels.atPrice.title', 'At the price now'),
    description: t('panels.atPrice.description', 'Visitors who saw a price in the last 5 minutes'),
  });

export const inquiriesToday = (t: Translate): PanelSpec => ({
  key: 'inquiries-today',
  kind: 'stat',
  title: t('panels.inquiriesToday.title', 'Inquiries today'),
  description: t(
    'panels.inquiriesToday.description',
    'Inquiries sent since midnight in the time zone of the site',
  ),
  unit: 'short',
  noValue: '0',
  sql: DAY_SQL.totals,
  columns: ['inquiries'],
});

export const liveSteps = (t: Translate): PanelSpec => ({
  key: 'live-steps',
  kind: 'bargauge',
  title: t('panels.liveSteps.title', 'What visitors do, last 30 minutes'),
  description: t(
    'panels.liveSteps.description',
    'Different visitors who did each of these; one visitor can do several',
  ),
  unit: 'short',
  noValue: t('panels.liveSteps.none', 'Nobody in the last 30 minutes'),
  sql: NOW_SQL.steps,
  columns: ['step', 'visitors'],
  rows: true,
  min: 0,
  color: 'blue',
  words: stepWords(t),
});

export const funnelToday = (t: Translate): PanelSpec => ({
  key: 'funnel-today',
  kind: 'bargauge',
  title: t('panels.funnelToday.title', 'How far visitors came today'),
  description: t(
    'panels.funnelToday.description',
    'Visitors who entered since midnight and reached each step, in this order, within a day',
  ),
  unit: 'short',
  noValue: t('panels.funnelToday.none', 'Nobody came today'),
  sql: DAY_SQL.funnel,
  columns: ['step', 'visitors'],
  rows: true,
  min: 0,
  color: 'blue',
  words: stepWords(t),
});

export const captureRate = (t: Translate): PanelSpec => ({
  key: 'capture-rate',
  kind: 'gauge',
  title: t('panels.capture.title', 'Capture rate today'),
  description: t(
    'panels.capture.description',
    'Share of the events generated in browsers that are stored. Pages count their events themselves, so a loss shows.',
  ),
  unit: 'percentunit',
  noValue: t('panels.capture.none', 'No pages today'),
  sql: DAY_SQL.capture,
  columns: ['rate'],
  min: 0,
  max: 1,
  decimals: 1,
  thresholds: GREEN_AT_LAST,
});

export const capturedEvents = (t: Translate): PanelSpec => ({
  key: 'captured-events',
  kind: 'stat',
  title: t('panels.captured.title', 'Stored of generated today'),
  description: t(
    'panels.captured.description',
    'Events that are stored, and events that pages say they made',
  ),
  unit: 'short',
  noValue: '0',
  sql: DAY_SQL.capture,
  columns: ['stored', 'generated'],
  calc: 'sum',
  names: {
    stored: t('panels.captured.stored', 'stored'),
    generated: t('panels.captured.generated', 'generated'),
  },
});

export const newestEvent = (t: Translate): PanelSpec => ({
  key: 'newest-event',
  kind: 'stat',
  title: t('panels.newest.title', 'Newest event'),
  description: t(
    'panels.newest.description',
    'Time since the newest event arrived; the collector stores within a second or two',
  ),
  unit: 's',
  noValue: t('panels.newest.none', 'Nothing in two days'),
  sql: NOW_SQL.freshness,
  columns: ['age_s'],
  thresholds: FRESH,
});

export const visitorsByMinute = (t: Translate): PanelSpec => ({
  key: 'visitors-by-minute',
  kind: 'timeseries',
  title: t('panels.visitorsByMinute.title', 'Visitors by minute'),
  description: t('panels.visitorsByMinute.description', 'Different visitors in each of the last 30 minutes'),
  unit: 'short',
  noValue: t('panels.visitorsByMinute.none', 'Nobody in the last 30 minutes'),
  sql: NOW_SQL.minutes,
  columns: ['minute', 'visitors'],
  min: 0,
  names: { visitors: t('panels.visitorsByMinute.visitors', 'visitors') },
  draw: 'bars',
  color: 'blue',
});

export const errorsNow = (t: Translate): PanelSpec => ({
  key: 'errors-now',
  kind: 'stat',
  title: t('panels.errors.title', 'Errors in 30 minutes'),
  description: t(
    'panels.errors.description',
    'Uncaught errors in the browsers of visitors in the last 30 minutes',
  ),
  unit: 'short',
  noValue: '0',
  sql: NOW_SQL.steps,
  where: { column: 'step', equals: 'error' },
  columns: ['n'],
  thresholds: [
    { value: null, color: 'text' },
    { value: 1, color: 'dark-orange' },
  ],
});

/** Home, from top to bottom. */
export const homePanels = (t: Translate) => ({
  row: [visitorsNow(t), eventsByMinute(t), configuringNow(t), atPriceNow(t), newestEvent(t)],
  now: [visitorsByMinute(t), liveSteps(t)],
  day: { funnel: funnelToday(t), inquiries: inquiriesToday(t), capture: captureRate(t) },
});
