import { createHash } from 'node:crypto';

/** First 8 bytes of SHA-256, as the decimal text of a UInt64: a JavaScript number would round it. */
export const hash64 = (text: string): string =>
  createHash('sha256').update(text).digest().readBigUInt64BE(0).toString();

/** First 8 bytes of any digest, as the decimal text of a UInt64. */
export const first64 = (digest: Buffer): string => digest.readBigUInt64BE(0).toString();
