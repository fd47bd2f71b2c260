import { ZONES_BY_COUNTRY } from './zones.js';

/** Names as the tz database writes them, older ones too, by their small letters. */
const SPELLINGS = new Map(
  [
    ...Intl.supportedValuesOf('timeZone'),
    ...Object.values(ZONES_BY_COUNTRY).flatMap((zones) => zones.split(' ')),
  ].map((name) => [name.toLowerCase(), name]),
);

/**
 * A zone that the runtime knows, spelled as ClickHouse wants it: `Intl` takes `europe/vienna` and, from Node 22 on,
 * offsets such as +01:00; ClickHouse takes neither.
 * @returns null for what is no zone
 */
export const timeZoneOf = (zone: string): string | null => {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    if (/^[+-]/.test(timeZone)) return null;
    // ICU resolves to its own favourite, Asia/Kolkata to Asia/Calcutta
    return SPELLINGS.get(zone.toLowerCase()) ?? timeZone;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};
