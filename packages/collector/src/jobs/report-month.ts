import { DateTime } from 'luxon';
import { overview } from '../questions/overview.js';
import { insufficient, type Estimate } from '../questions/estimate.js';
import type { Site } from '../sites.js';
import { askQuestion, scopeBetween, type JobSources } from './job-sources.js';
import type { Job } from './runner.js';
import { writeRows, type JobRow } from './tables.js';

/** Counted, not inferred: a number without an interval. */
const counted = (value: number): Estimate => ({ ...insufficient(value, 'count'), value });

/** Revenue and conversion of the local month before the slot's date. */
export const reportMonth = (site: Site, sources: JobSources): Job => ({
  name: `report-month:${site.id}`,
  rule: { kind: 'month', hour: 5, minute: 0, zone: site.timeZone, site: site.id },
  run: async (slot, guard) => {
    const end = DateTime.fromISO(slot.date!, { zone: site.timeZone }).startOf('month');
    const start = end.minus({ months: 1 });
    const scope = scopeBetween(site, start.toMillis(), end.toMillis());
    const { totals, inquiryRate } = await askQuestion(overview, scope, { dimension: 'model' }, sources);
    const lines: Record<string, Estimate> = {
      visitors: counted(totals.visitors),
      sessions: counted(totals.sessions),
      configurations: counted(totals.configurations),
      inquiries: counted(totals.inquiries),
      orders: counted(totals.orders),
      revenue: counted(totals.revenue),
      inquiry_rate: inquiryRate,
    };
    await guard();
    return writeRows(
      sources.clickhouse(),
      'monthly_report',
      Object.entries(lines).map(([name, { n, value, lo, hi }]): JobRow => ({
        site_id: site.id,
        month: start.toISODate(),
        name,
        n: Math.round(n),
        value,
        lo,
        hi,
        version: slot.at,
      })),
    );
  },
});
