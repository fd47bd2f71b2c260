import type { Site } from '../sites.js';

/** Months an aggregate without a person is kept. */
export const AGGREGATE_MONTHS = 25;
const DEFAULT_MONTHS = 14;

/** `toDateTime(<column>) + months of the site`, grouped by length so that a thousand sites stay one short line. */
export const retentionTtl = (
  column: string,
  sites: readonly Pick<Site, 'id' | 'retentionMonths'>[],
): string => {
  const byMonths = new Map<number, number[]>();
  for (const { id, retentionMonths } of sites) {
    if (retentionMonths === DEFAULT_MONTHS) continue;
    byMonths.set(retentionMonths, [...(byMonths.get(retentionMonths) ?? []), id]);
  }
  const cases = [...byMonths]
    .sort(([p], [q]) => p - q)
    .map(([months, ids]) => `site_id IN (${[...ids].sort((p, q) => p - q).join(', ')}), ${months}`);
  const months =
    cases.length === 0 ? String(DEFAULT_MONTHS) : `multiIf(${[...cases, DEFAULT_MONTHS].join(', ')})`;
  return `toDateTime(${column}) + toIntervalMonth(${months})`;
};

export const aggregateTtl = (column: string): string =>
  `toDateTime(${column}) + toIntervalMonth(${AGGREGATE_MONTHS})`;
