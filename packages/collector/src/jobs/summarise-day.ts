import { DateTime } from 'luxon';
import { conversionFunnel } from '../questions/conversion-funnel.js';
import { overview } from '../questions/overview.js';
import type { Site } from '../sites.js';
import { askQuestion, scopeBetween, type JobSources } from './job-sources.js';
import type { Job } from './runner.js';
import { writeRows, type JobRow } from './tables.js';

const WINDOW_DAYS = 14;
/** An outbox may keep events for seven days, and steps of a day's funnel are taken for two weeks: till then it is counted again. */
const DAYS = 8 + WINDOW_DAYS;

/** Local days of a site before the slot's date: exact distinct counts and the default funnel, as the API answers them. */
export const summariseDay = (site: Site, sources: JobSources): Job => ({
  name: `summarise-day:${site.id}`,
  rule: { kind: 'day', hour: 3, minute: 30, zone: site.timeZone, site: site.id },
  latest: true,
  run: async (slot, guard) => {
    const today = DateTime.fromISO(slot.date!, { zone: site.timeZone });
    const rows: JobRow[] = [];
    for (let back = DAYS; back >= 1; back--) {
      const day = today.minus({ days: back });
      const scope = scopeBetween(site, day.toMillis(), day.plus({ days: 1 }).toMillis());
      const { totals } = await askQuestion(overview, scope, { dimension: 'model' }, sources);
      const { steps } = await askQuestion(
        conversionFunnel,
        scope,
        {
          steps: conversionFunnel.parameters.properties.steps.default as string[],
          window: WINDOW_DAYS * 86_400,
          mode: 'ordered',
          unit: 'visitor',
          breakdown: '',
        },
        sources,
      );
      rows.push({
        site_id: site.id,
        day: day.toISODate(),
        visitors: totals.visitors,
        sessions: totals.sessions,
        page_views: totals.pageViews,
        configurations: totals.configurations,
        inquiries: totals.inquiries,
        orders: totals.orders,
        revenue: totals.revenue,
        funnel: steps.map(({ n }) => n),
        version: slot.version,
      });
    }
    await guard();
    return writeRows(sources.clickhouse(), 'daily_summary', rows);
  },
});
