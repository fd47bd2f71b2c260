import { hash } from 'node:crypto';

/**
 * First 8 bytes of SHA-256, as the decimal text of a UInt64: a JavaScript number would round it. One call into the
 * library instead of an object with three: 0.5 µs instead of 1.6.
 */
export const hash64 = (text: string): string =>
  BigInt(`0x${hash('sha256', text, 'hex').slice(0, 16)}`).toString();

/** First 8 bytes of any digest, as the decimal text of a UInt64. */
export const first64 = (digest: Buffer): string => digest.readBigUInt64BE(0).toString();
