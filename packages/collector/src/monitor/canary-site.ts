import type { Site, Sites } from '../sites.js';

/** `_canary`; the sites of an operator end one below. */
export const CANARY_SITE_ID = 65_535;

/** Path of the key in `DATA_DIR`: the ingest processes of one host share a port, so each must know the key of the others. */
export const CANARY_KEY_FILE = 'canary-key';

/**
 * The sites with the reserved one beside them, found by its key and by nothing else: it stands in no list, so no question,
 * no alert and no variable of a dashboard shows it.
 */
export const withCanary = (sites: Sites, key: string): Sites => {
  const canary: Site = {
    id: CANARY_SITE_ID,
    name: '_canary',
    key,
    origins: [],
    timeZone: 'UTC',
    currency: 'EUR',
    retentionMonths: 14,
    consent: 'none',
    consentText: '',
    serverKeys: [],
    historyDays: 30,
  };
  return { ...sites, byKey: (asked) => (asked === key ? canary : sites.byKey(asked)) };
};
