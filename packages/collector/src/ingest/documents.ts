import { createHash } from 'node:crypto';
import { statSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '@lintel/protocol';
import type { Log } from '../log.js';
import type { Site } from '../sites.js';

/** A small JSON answer that caches may keep for a while. */
export interface Document {
  body: string;
  etag: string;
}

export const documentOf = (body: string): Document => ({
  body,
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
});

/** Models, options and prices of a site; null when it has none. */
export interface Catalogues {
  of(site: Site): Document | null;
}

const LOOK_AGAIN_MS = 2000;

/**
 * Catalogues as files: `DATA_DIR/catalogue-<site id>.json`, else `DATA_DIR/catalogue.json`. A changed file is seen
 * within two seconds; one that is no JSON leaves the last good one in place.
 */
export const createCatalogues = ({ dataDir, log }: { dataDir: string; log: Log }): Catalogues => {
  const kept = new Map<string, { mtimeMs: number; document: Document | null }>();
  const lookedAt = new Map<string, number>();

  const read = (name: string): Document | null => {
    const now = performance.now();
    const known = kept.get(name);
    if (known && now - (lookedAt.get(name) ?? -LOOK_AGAIN_MS) < LOOK_AGAIN_MS) return known.document;
    lookedAt.set(name, now);
    const path = join(dataDir, name);
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (known?.mtimeMs === mtimeMs) return known.document;
    let document: Document | null = null;
    if (mtimeMs > 0) {
      try {
        document = documentOf(JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))));
      } catch (error) {
        log.error('catalogue.unreadable', { file: name, error: (error as Error).message });
        document = known?.document ?? null;
      }
    }
    kept.set(name, { mtimeMs, document });
    return document;
  };

  return { of: (site) => read(`catalogue-${site.id}.json`) ?? read('catalogue.json') };
};

/** What the pages of a site follow, as a document; written again only when it says something else. */
export const createSettingsDocuments = (settings: (site: Site) => Settings): { of(site: Site): Document } => {
  const kept = new Map<number, { said: Settings; document: Document }>();
  return {
    of: (site) => {
      const said = settings(site);
      const known = kept.get(site.id);
      if (known?.said === said) return known.document;
      const document = documentOf(JSON.stringify(said));
      kept.set(site.id, { said, document });
      return document;
    },
  };
};
