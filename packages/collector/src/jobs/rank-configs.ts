import { popularConfigs } from '../questions/popular-configs.js';
import { askQuestion, scopeBetween, type JobSources } from './job-sources.js';
import type { Job } from './runner.js';
import { second, writeRows, type JobRow } from './tables.js';

const DAY_MS = 86_400_000;
const RANGES_DAYS = [7, 30, 90] as const;
const KEPT = 200;

/** The ranking of configurations of every site, for charts that must not wait. */
export const rankConfigs = (sources: JobSources): Job => ({
  name: 'rank-configs',
  rule: { kind: 'every', minutes: 15 },
  latest: true,
  run: async (slot, guard) => {
    const rows: JobRow[] = [];
    for (const site of sources.sites.all) {
      for (const days of RANGES_DAYS) {
        const scope = scopeBetween(site, slot.at - days * DAY_MS, slot.at);
        const { configs } = await askQuestion(popularConfigs, scope, { limit: KEPT }, sources);
        for (const one of configs)
          rows.push({
            site_id: site.id,
            days,
            slot: second(slot.at),
            rank: one.rank,
            config: one.config,
            model: one.model,
            parts: one.options,
            visitors: one.visitors,
            inquiries: one.inquiries,
            value: one.rate.value,
            lo: one.rate.lo,
            hi: one.rate.hi,
            price: one.price,
            version: slot.version,
          });
      }
    }
    await guard();
    return writeRows(sources.clickhouse(), 'popular_configs_ranking', rows);
  },
});
