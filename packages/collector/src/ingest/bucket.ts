/** A bucket refills at `perSecond` and holds `burst` requests. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** What is left of a rate, here and as far as this process has heard of the others. */
export interface Bucket {
  /**
   * Requests that may pass at once; below 0 while others took more than there was: a debt that the refill pays first,
   * because without it n processes under one flood would allow n rates for ever.
   */
  level: number;
  /** Of the last refill, epoch ms. */
  at: number;
}

/**
 * Longest time a debt blocks. Two processes owe seconds; sixty that all met a flood in the same second owe a minute, and
 * no message may ask for more.
 */
export const LONGEST_DEBT_SECONDS = 60;

export const fullBucket = ({ burst }: Rate, now: number): Bucket => ({ level: burst, at: now });

/** Brings the level to `now`. A clock that was set back gives nothing and takes nothing. */
export const refill = (bucket: Bucket, { perSecond, burst }: Rate, now: number): void => {
  const elapsed = now - bucket.at;
  bucket.at = now;
  if (elapsed > 0) bucket.level = Math.min(burst, bucket.level + (elapsed / 1000) * perSecond);
};

/** Seconds until one request may pass; 0 = now. Of a bucket that was just refilled. */
export const waitOf = ({ level }: Bucket, { perSecond }: Rate): number =>
  level >= 1 ? 0 : (1 - level) / perSecond;

/** Others took so many requests. Of a bucket that was just refilled; the order of several does not matter. */
export const drain = (bucket: Bucket, { perSecond }: Rate, taken: number): void => {
  bucket.level = Math.max(-LONGEST_DEBT_SECONDS * perSecond, bucket.level - taken);
};

/** Whether it says nothing any more at `now`: as good as none. */
export const isFull = ({ level, at }: Bucket, { perSecond, burst }: Rate, now: number): boolean =>
  level + ((now - at) / 1000) * perSecond >= burst;
