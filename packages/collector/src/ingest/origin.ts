import type { Site } from '../sites.js';

/**
 * Whether pages of this origin may send for the site. Hygiene, not authentication: only browsers tell the truth here.
 * A request without the header is no cross-origin page and passes.
 */
export const isOriginAllowed = (site: Site, origin: string | undefined): boolean =>
  origin === undefined || site.origins.includes('*') || site.origins.includes(origin);
