// Generated from the views of packages/collector/src/schema by `npm run generate`. Do not edit.
import type { Expression } from './view';

export interface ViewParameters {
  capture_rate: {
    by: string | Expression;
    from: Expression;
    site: number | Expression;
    step: number | Expression;
    to: Expression;
    tz: string | Expression;
  };
  cohorts: {
    as_of: Expression;
    channel: readonly string[] | Expression;
    cohort: string | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    model: readonly string[] | Expression;
    period_s: number | Expression;
    periods: number | Expression;
    returning: string | Expression;
    segment: string | Expression;
    site: number | Expression;
    to: Expression;
    tz: string | Expression;
  };
  conversion_funnel: {
    breakdown: string | Expression;
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    mode: string | Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    steps: readonly string[] | Expression;
    to: Expression;
    unit: string | Expression;
    window: number | Expression;
  };
  data_quality: {
    from: Expression;
    site: number | Expression;
    step: number | Expression;
    to: Expression;
    tz: string | Expression;
  };
  freshness: { site: number | Expression };
  funnel_ages: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    first_step: string | Expression;
    from: Expression;
    last_step: string | Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    to: Expression;
    unit: string | Expression;
  };
  live_steps: { site: number | Expression };
  live_visitors: { site: number | Expression };
  option_shares: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    to: Expression;
  };
  orders_by: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    dimension: string | Expression;
    from: Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    to: Expression;
  };
  overview: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    step: number | Expression;
    to: Expression;
    tz: string | Expression;
  };
  overview_total: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    to: Expression;
  };
  performance: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    metric: string | Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    to: Expression;
  };
  performance_trend: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    metric: string | Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    step: number | Expression;
    to: Expression;
    tz: string | Expression;
  };
  popular_configs: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    to: Expression;
  };
  real_time: { site: number | Expression; tz: string | Expression };
  real_time_baseline: { site: number | Expression };
  rejects: {
    from: Expression;
    site: number | Expression;
    step: number | Expression;
    to: Expression;
    tz: string | Expression;
  };
  sdk_dropped: {
    from: Expression;
    site: number | Expression;
    step: number | Expression;
    to: Expression;
    tz: string | Expression;
  };
  session_shape: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    to: Expression;
  };
  site_time_zone: { site: number | Expression };
  sites: Record<string, never>;
  speed_bands: {
    channel: readonly string[] | Expression;
    country: readonly string[] | Expression;
    device: readonly string[] | Expression;
    from: Expression;
    model: readonly string[] | Expression;
    segment: string | Expression;
    site: number | Expression;
    to: Expression;
  };
}

export type ViewName = keyof ViewParameters;

export const VIEW_PARAMETERS: Readonly<Record<ViewName, readonly string[]>> = {
  capture_rate: ['by', 'from', 'site', 'step', 'to', 'tz'],
  cohorts: [
    'as_of',
    'channel',
    'cohort',
    'country',
    'device',
    'from',
    'model',
    'period_s',
    'periods',
    'returning',
    'segment',
    'site',
    'to',
    'tz',
  ],
  conversion_funnel: [
    'breakdown',
    'channel',
    'country',
    'device',
    'from',
    'mode',
    'model',
    'segment',
    'site',
    'steps',
    'to',
    'unit',
    'window',
  ],
  data_quality: ['from', 'site', 'step', 'to', 'tz'],
  freshness: ['site'],
  funnel_ages: [
    'channel',
    'country',
    'device',
    'first_step',
    'from',
    'last_step',
    'model',
    'segment',
    'site',
    'to',
    'unit',
  ],
  live_steps: ['site'],
  live_visitors: ['site'],
  option_shares: ['channel', 'country', 'device', 'from', 'model', 'segment', 'site', 'to'],
  orders_by: ['channel', 'country', 'device', 'dimension', 'from', 'model', 'segment', 'site', 'to'],
  overview: ['channel', 'country', 'device', 'from', 'model', 'segment', 'site', 'step', 'to', 'tz'],
  overview_total: ['channel', 'country', 'device', 'from', 'model', 'segment', 'site', 'to'],
  performance: ['channel', 'country', 'device', 'from', 'metric', 'model', 'segment', 'site', 'to'],
  performance_trend: [
    'channel',
    'country',
    'device',
    'from',
    'metric',
    'model',
    'segment',
    'site',
    'step',
    'to',
    'tz',
  ],
  popular_configs: ['channel', 'country', 'device', 'from', 'model', 'segment', 'site', 'to'],
  real_time: ['site', 'tz'],
  real_time_baseline: ['site'],
  rejects: ['from', 'site', 'step', 'to', 'tz'],
  sdk_dropped: ['from', 'site', 'step', 'to', 'tz'],
  session_shape: ['channel', 'country', 'device', 'from', 'model', 'segment', 'site', 'to'],
  site_time_zone: ['site'],
  sites: [],
  speed_bands: ['channel', 'country', 'device', 'from', 'model', 'segment', 'site', 'to'],
};
