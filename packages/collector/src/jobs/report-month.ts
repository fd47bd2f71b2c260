import { DateTime } from 'luxon';
import { overview } from '../questions/overview.js';
import { insufficient, rateEstimate, type Estimate } from '../questions/estimate.js';
import type { ScoreRow } from '../questions/forecast-record.js';
import { scopeParameters } from '../questions/index.js';
import type { Site } from '../sites.js';
import { askQuestion, scopeBetween, type JobSources } from './job-sources.js';
import type { Job } from './runner.js';
import { writeRows, type JobRow } from './tables.js';

/** Counted, not inferred: a number without an interval. */
const counted = (value: number): Estimate => ({ ...insufficient(value, 'count'), value });

type Line = Pick<Estimate, 'n' | 'value' | 'lo' | 'hi'>;
/** Of the forecasts whose record the report tells. */
const HORIZON_DAYS = 30;

/** Revenue and conversion of the local month before the slot's date, and how good the forecasts were that are over by now. */
export const reportMonth = (site: Site, sources: JobSources): Job => ({
  name: `report-month:${site.id}`,
  rule: { kind: 'month', hour: 5, minute: 0, zone: site.timeZone, site: site.id },
  run: async (slot, guard) => {
    const end = DateTime.fromISO(slot.date!, { zone: site.timeZone }).startOf('month');
    const start = end.minus({ months: 1 });
    const scope = scopeBetween(site, start.toMillis(), end.toMillis());
    const { totals, inquiryRate } = await askQuestion(overview, scope, { dimension: 'model' }, sources);
    const lines: Record<string, Line> = {
      visitors: counted(totals.visitors),
      sessions: counted(totals.sessions),
      configurations: counted(totals.configurations),
      inquiries: counted(totals.inquiries),
      orders: counted(totals.orders),
      revenue: counted(totals.revenue),
      inquiry_rate: inquiryRate,
    };
    const scores = await sources.readView<ScoreRow>('forecast_scores', scopeParameters(scope));
    const record = scores
      .filter(({ model, horizon }) => model.startsWith('revenue.') && horizon === HORIZON_DAYS)
      .flatMap(({ model, n, coverage80, coverage95, wape, floor, skill }): [string, Line][] => {
        const name = `forecast_${model.split('.')[1]!}_`;
        const share = (value: number): Line => rateEstimate(Math.round(value * n), n);
        return [
          [`${name}coverage80`, share(coverage80)],
          [`${name}coverage95`, share(coverage95)],
          [`${name}wape`, { n, value: wape, lo: null, hi: null }],
          [`${name}floor`, { n, value: floor ?? null, lo: null, hi: null }],
          [`${name}crps_skill`, { n, value: skill, lo: null, hi: null }],
        ];
      });
    await guard();
    return writeRows(
      sources.clickhouse(),
      'monthly_report',
      [...Object.entries(lines), ...record].map(([name, { n, value, lo, hi }]): JobRow => ({
        site_id: site.id,
        month: start.toISODate(),
        name,
        n: Math.round(n),
        value,
        lo,
        hi,
        version: slot.version,
      })),
    );
  },
});
