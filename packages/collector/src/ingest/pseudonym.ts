import { createHmac, hkdfSync } from 'node:crypto';
import type { Clock } from '../clock.js';

/** Names under which processes speak of an address without saying it. */
export interface Pseudonyms {
  /** Changes every hour; names of another hour mean nothing. */
  hour(): number;
  /** 11 characters, equal for equal texts within the hour on all collectors of one master key. */
  of(text: string): string;
}

const HOUR_MS = 3_600_000;
const BYTES = 8;

/**
 * A keyed hash whose key follows from the master key and the hour: nothing has to be agreed upon and nothing is kept. Who
 * listens without the master key can neither search for an address nor follow one beyond the hour.
 */
export const createPseudonyms = (masterKey: Uint8Array, clock: Clock): Pseudonyms => {
  let current = { hour: Number.NaN, key: Buffer.alloc(0) };
  const hour = (): number => {
    const now = Math.floor(clock.now() / HOUR_MS);
    if (now !== current.hour) {
      const purpose = `lintel/limits/v1/${now}`;
      current = { hour: now, key: Buffer.from(hkdfSync('sha256', masterKey, '', purpose, 32)) };
    }
    return now;
  };
  return {
    hour,
    of: (text) => {
      hour();
      return createHmac('sha256', current.key).update(text).digest().subarray(0, BYTES).toString('base64url');
    },
  };
};
