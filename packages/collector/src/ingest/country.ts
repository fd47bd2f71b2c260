import type { IncomingHttpHeaders } from 'node:http';
import { ZONES_BY_COUNTRY } from '../zones.js';

const COUNTRY_OF = new Map(
  Object.entries(ZONES_BY_COUNTRY).flatMap(([country, zones]) =>
    zones.split(' ').map((zone) => [zone, country] as const),
  ),
);

/** Headers in which proxies name the country of the address they saw. */
const HEADERS = ['cf-ipcountry', 'cloudfront-viewer-country', 'x-vercel-ip-country', 'x-country-code'];

/** What a proxy of ours says, or ''. @param proxied the peer is one of ours: from anybody else it is a claim */
export const countryOfHeaders = (headers: IncomingHttpHeaders, proxied: boolean): string => {
  if (!proxied) return '';
  for (const name of HEADERS) {
    const value = headers[name];
    // XX and T1 mean unknown and Tor
    if (typeof value === 'string' && /^[A-Z]{2}$/.test(value) && value !== 'XX') return value;
  }
  return '';
};

/** Country of a time zone by the tz database: right for all but travellers; '' when the zone has none. */
export const countryOfZone = (zone: string | null | undefined): string =>
  (zone ? COUNTRY_OF.get(zone) : '') ?? '';
