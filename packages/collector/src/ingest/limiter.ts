import type { Clock } from '../clock.js';
import type { ClientAddress } from './address.js';

/** A bucket refills at `perSecond` and holds `burst` requests. */
export interface Rate {
  perSecond: number;
  burst: number;
}

export interface Rates {
  /** One site key: protects the process from a key that was copied into a botnet. */
  key: Rate;
  /** One IPv4 address or IPv6 /56; its /24 or /48 may use ten times that. */
  address: Rate;
}

/**
 * Generous: a batch is a request, a busy visitor sends one a second, and a school or office may sit behind one
 * address. The key's limit lies above what one process can take: shedding by worth comes first.
 */
export const DEFAULT_RATES: Rates = {
  key: { perSecond: 50_000, burst: 200_000 },
  address: { perSecond: 200, burst: 1000 },
};

const NETWORK = 10;

/**
 * Loopback has no limit by address: nobody attacks from there, and a proxy on this host that nobody declared in
 * TRUST_PROXY would otherwise put all visitors into one bucket.
 */
const isLoopback = ({ line }: ClientAddress): boolean => line.startsWith('127.') || line === '0:0:0:0';

interface Bucket {
  tokens: number;
  at: number;
}

export interface Limiter {
  /** 0 when the request may pass, else seconds until it may. */
  take(key: string, address: ClientAddress): number;
}

/**
 * Token buckets in process memory: no call to a store per request. Each ingest process counts for itself, so n
 * processes allow up to n times the rate; that errs to the side of taking events.
 */
export const createLimiter = ({ clock, rates }: { clock: Clock; rates: Rates }): Limiter => {
  const buckets = new Map<string, Bucket>();
  let sweptAt = clock.now();

  /** Full buckets say nothing: they are forgotten, so memory follows the live senders. */
  const sweep = (now: number): void => {
    if (now - sweptAt < 30_000) return;
    sweptAt = now;
    const { burst, perSecond } = rates.address;
    for (const [name, bucket] of buckets) {
      if (now - bucket.at > (burst / perSecond) * 1000) buckets.delete(name);
    }
  };

  const refill = (name: string, rate: Rate, scale: number, now: number): Bucket => {
    const burst = rate.burst * scale;
    const bucket = buckets.get(name);
    if (!bucket) {
      const fresh = { tokens: burst, at: now };
      buckets.set(name, fresh);
      return fresh;
    }
    // a clock that was set back must not empty the bucket
    const elapsed = Math.max(0, now - bucket.at);
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsed / 1000) * rate.perSecond * scale);
    bucket.at = now;
    return bucket;
  };

  return {
    take: (key, address) => {
      const now = clock.now();
      sweep(now);
      const asked: [Bucket, number][] = [[refill(`k${key}`, rates.key, 1, now), rates.key.perSecond]];
      if (!isLoopback(address)) {
        const { line, network } = address;
        asked.push(
          [refill(`a${line}`, rates.address, 1, now), rates.address.perSecond],
          [refill(`n${network}`, rates.address, NETWORK, now), rates.address.perSecond * NETWORK],
        );
      }
      let wait = 0;
      for (const [bucket, perSecond] of asked) {
        if (bucket.tokens < 1) wait = Math.max(wait, (1 - bucket.tokens) / perSecond);
      }
      if (wait > 0) return Math.max(1, Math.ceil(wait));
      for (const [bucket] of asked) bucket.tokens -= 1;
      return 0;
    },
  };
};
