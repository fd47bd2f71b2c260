import type { Batch, Consent, Event } from '@lintel/protocol';

/** Page fields that level `none` may carry; the rest would tell browsers apart. */
const PAGE_AT_NONE = ['url', 'referrer', 'title', 'viewport'] as const;

/** Names of custom events that exist only with full consent. */
const NAMED_PERSON = 'lintel.identify';

export const levelOf = (batch: Batch): Consent => batch.consent ?? 'none';

/** Page as its level allows it, even if an old SDK sent more. */
export const pageFor = (level: Consent, page: Batch['page']): NonNullable<Batch['page']> => {
  if (!page) return {};
  if (level !== 'none') return page;
  return Object.fromEntries(PAGE_AT_NONE.map((name) => [name, page[name]]));
};

/**
 * True when the level does not allow the event at all: it names a person. Fields that a level may not carry are left
 * out when the row is written (`mayJoin`, `mayName`), which keeps the event.
 */
export const isForbidden = (level: Consent, event: Event): boolean =>
  level !== 'all' && event.type === 'custom' && event.name === NAMED_PERSON;

/** The join of a journey with a named inquiry. */
export const mayJoin = (level: Consent): boolean => level === 'all';

/** Ids of the site's own that follow a person over pages. */
export const mayName = (level: Consent): boolean => level !== 'none';
