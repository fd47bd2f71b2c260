/** A site whose visitors are measured, as `LINTEL_SITES` describes it. */
export interface Site {
  /** 1…65,534; what the tables store. */
  id: number;
  name: string;
  /** Public key in the script tag, `pk_…`. */
  key: string;
  /** Origins whose pages may send; `*` allows every origin. */
  origins: readonly string[];
  timeZone: string;
  currency: string;
  retentionMonths: number;
  /** Level a visitor starts at. */
  consent: 'off' | 'none' | 'statistics' | 'all';
  /** Version of the consent text, stamped on each event. */
  consentText: string;
  /** Keys of the signed server route. */
  serverKeys: readonly ServerKey[];
  /** Signed history may be this old, in days; visitors' events never more than 30. */
  historyDays: number;
}

export interface ServerKey {
  /** The `<id>` of `sk_<id>_<secret>`. */
  id: string;
  secret: string;
}

export interface Sites {
  all: readonly Site[];
  byKey(key: string): Site | undefined;
  byId(id: number): Site | undefined;
  byServerKey(id: string): { site: Site; key: ServerKey } | undefined;
}

export const createSites = (all: readonly Site[]): Sites => {
  const keys = new Map(all.map((site) => [site.key, site]));
  const ids = new Map(all.map((site) => [site.id, site]));
  const serverKeys = new Map(
    all.flatMap((site) => site.serverKeys.map((key) => [key.id, { site, key }] as const)),
  );
  return {
    all,
    byKey: (key) => keys.get(key),
    byId: (id) => ids.get(id),
    byServerKey: (id) => serverKeys.get(id),
  };
};
