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
  freshness: { site: number | Expression };
  live_steps: { site: number | Expression };
  live_visitors: { site: number | Expression };
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
  real_time: { site: number | Expression; tz: string | Expression };
  site_time_zone: { site: number | Expression };
  sites: Record<string, never>;
}

export type ViewName = keyof ViewParameters;

export const VIEW_PARAMETERS: Readonly<Record<ViewName, readonly string[]>> = {
  capture_rate: ['by', 'from', 'site', 'step', 'to', 'tz'],
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
  freshness: ['site'],
  live_steps: ['site'],
  live_visitors: ['site'],
  overview_total: ['channel', 'country', 'device', 'from', 'model', 'segment', 'site', 'to'],
  real_time: ['site', 'tz'],
  site_time_zone: ['site'],
  sites: [],
};
