import type { Database } from './database.js';
import { SITE } from './site.js';

const literal = (ms: number): string => `'${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')}'`;

/** What the view of an alert rule says about the site in `[from, to)`, epoch ms: Grafana compares it with a threshold. */
export const alertValue = async (
  database: Database,
  rule: string,
  from: number,
  to: number,
): Promise<number> => {
  const rows = await database.rows<{ value: number }>(
    `SELECT value FROM lintel.alert_${rule}(from=${literal(from)}, to=${literal(to)}) WHERE site_id = '${SITE.id}'`,
  );
  return Math.max(0, ...rows.map(({ value }) => value));
};
