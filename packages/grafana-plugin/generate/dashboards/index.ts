import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { realTime } from './realTime.js';

export const DASHBOARDS: readonly (() => Dashboard)[] = [realTime];

interface Revision {
  revision: number;
  sha256: string;
}

const file = fileURLToPath(new URL('./revisions.json', import.meta.url));

const known = (): Record<string, Revision> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, Revision>;

/**
 * Grafana imports a bundled dashboard again only when its `revision` differs, so changed content gets the next one:
 * `revisions.json` remembers which content has which.
 */
export const revised = (): { dashboards: { uid: string; text: string }[]; revisions: string } => {
  const before = known();
  const revisions: Record<string, Revision> = {};
  const dashboards = DASHBOARDS.map((build) => {
    const dashboard = build();
    const uid = dashboard.uid!;
    const sha256 = createHash('sha256').update(JSON.stringify(dashboard)).digest('hex');
    const last = before[uid];
    const revision = last === undefined ? 1 : last.sha256 === sha256 ? last.revision : last.revision + 1;
    revisions[uid] = { revision, sha256 };
    return { uid, text: JSON.stringify({ ...dashboard, id: null, revision }) };
  });
  return { dashboards, revisions: JSON.stringify(revisions) };
};
