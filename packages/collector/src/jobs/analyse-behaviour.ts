import { DateTime } from 'luxon';
import { customerSegments, segmentMembers } from '../questions/customer-segments.js';
import { marketTrends } from '../questions/market-trends.js';
import { scopeParameters } from '../questions/index.js';
import { userJourney } from '../questions/user-journey.js';
import { createPartitionReplacer } from '../schema/index.js';
import { associationLift } from '../statistics/index.js';
import type { Site } from '../sites.js';
import { askQuestion, scopeBetween, type JobSources } from './job-sources.js';
import type { Job } from './runner.js';
import { writeRows, type JobRow } from './tables.js';

/** Behaviour is told over four weeks, trends over half a year. */
const DAYS = 28;
const TREND_DAYS = 182;
const KEPT = 25;
/** Fewest sessions of a pair of options. */
const FEWEST_TOGETHER = 10;

interface PairRow {
  x: string;
  y: string;
  n: number;
  cx: number;
  cy: number;
  baskets: number;
}
interface Line {
  kind: 'path' | 'pair' | 'trend' | 'segment';
  subject: string;
  n: number;
  value: number | null;
  lo: number | null;
  hi: number | null;
}

/** What people did in the weeks before: ways by lift, options chosen together, what grows, who they are. */
export const analyseBehaviour = (site: Site, sources: JobSources): Job => ({
  name: `analyse-behaviour:${site.id}`,
  rule: { kind: 'week', hour: 5, minute: 0, zone: site.timeZone, site: site.id },
  latest: true,
  run: async (slot, guard) => {
    const end = DateTime.fromISO(slot.date!, { zone: site.timeZone });
    const before = (days: number) => scopeBetween(site, end.minus({ days }).toMillis(), end.toMillis());
    const recent = before(DAYS);
    const { paths } = await askQuestion(
      userJourney,
      recent,
      { depth: 5, start: '', backwards: 0, min: FEWEST_TOGETHER },
      sources,
    );
    const pairs = await sources.readView<PairRow>('option_pairs', {
      ...scopeParameters(recent),
      min: FEWEST_TOGETHER,
    });
    const { series } = await askQuestion(marketTrends, before(TREND_DAYS), { dimension: 'model' }, sources);
    const { segments } = await askQuestion(customerSegments, recent, { kind: 'visitors' }, sources);
    const lines: Line[] = [
      ...paths.slice(0, KEPT).map(({ path, n, lift: { value, lo, hi } }): Line => ({
        kind: 'path',
        subject: path.join(' → '),
        n,
        value,
        lo,
        hi,
      })),
      ...pairs
        .map((row): Line => ({
          kind: 'pair',
          subject: `${row.x} + ${row.y}`,
          ...associationLift({ n: row.n, nX: row.cx, nY: row.cy, baskets: row.baskets }),
          n: row.n,
        }))
        // by what is certain, not by what is large
        .sort((p, q) => q.lo! - p.lo!)
        .slice(0, KEPT),
      ...series.slice(0, KEPT).map(({ key, slopePerWeek: { value, lo, hi, n } }): Line => ({
        kind: 'trend',
        subject: key,
        n,
        value,
        lo,
        hi,
      })),
      ...segments.map(({ name, size, rate: { value, lo, hi } }): Line => ({
        kind: 'segment',
        subject: name,
        n: size,
        value,
        lo,
        hi,
      })),
    ];
    const ranks = new Map<string, number>();
    const rows = lines.map(({ kind, subject, n, value, lo, hi }): JobRow => {
      const rank = (ranks.get(kind) ?? 0) + 1;
      ranks.set(kind, rank);
      return {
        site_id: site.id,
        week: slot.date,
        kind,
        rank,
        subject,
        n,
        value,
        lo,
        hi,
        version: slot.version,
      };
    });
    const members = await segmentMembers(sources.readView, recent);
    await guard();
    // whole and at once: a visitor is never in last week's segment and in this week's
    await createPartitionReplacer({
      clickhouse: sources.clickhouse,
      database: sources.clickhouse().database,
    }).replace(
      'segment_members',
      [site.id],
      members.map(({ segment, visitor }) => ({ site_id: site.id, segment, visitor })),
    );
    await guard();
    return writeRows(sources.clickhouse(), 'weekly_behaviour', rows);
  },
});
