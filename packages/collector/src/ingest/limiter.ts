import type { Clock } from '../clock.js';
import { isLoopback, type ClientAddress } from './address.js';
import { drain, fullBucket, isFull, refill, waitOf, type Bucket, type Rate } from './bucket.js';
import type { Pseudonyms } from './pseudonym.js';

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

/** Requests that passed elsewhere, or here, since the last time that was told: pseudonym of a bucket, and how many. */
export type Taken = readonly [name: string, requests: number];

export interface Limiter {
  /** 0 when the request may pass, else seconds until it may. */
  take(key: string, address: ClientAddress): number;
  /** What passed here since the last call and is worth telling; at most `MOST_TOLD`, the busiest first. */
  tell(): Taken[];
  /** What passed in another process: as if it had been taken from here. */
  hear(taken: readonly Taken[]): void;
}

/** Entries of one exchange: 20 KB. Each stands for 20 requests and more, so a process does not reach it. */
export const MOST_TOLD = 1000;

/**
 * Share of a second's rate from which a bucket is told of. What stays untold is forgotten once it would be refilled
 * anyway: 4 requests a second from one address by default, 2 % of its rate for each process.
 */
const NOTICED = 0.1;

/** Buckets that were heard of and are not used here. */
const MOST_STRANGERS = 20_000;

const SWEEP_MS = 30_000;

/** A class: the same fields put together by spread cost 5 µs a request instead of 0.4 (4,000 addresses, Node 20.20). */
class Kept implements Bucket {
  level: number;
  at: number;
  /** Requests that passed here since `countedFrom` and were not told. */
  untold = 0;
  countedFrom: number;
  noticed = false;
  /** Under which others hear of it; '' until it was told of in this hour. */
  pseudonym = '';

  constructor(
    readonly kind: Kind,
    readonly name: string,
    now: number,
  ) {
    this.level = kind.rate.burst;
    this.at = now;
    this.countedFrom = now;
  }
}

interface Kind {
  letter: string;
  rate: Rate;
  noticedFrom: number;
  /** Time from empty to full: older takings are without consequence. */
  memoryMs: number;
  buckets: Map<string, Kept>;
}

const kindOf = (letter: string, perSecond: number, burst: number): Kind => ({
  letter,
  rate: { perSecond, burst },
  noticedFrom: Math.max(1, perSecond * NOTICED),
  memoryMs: (burst / perSecond) * 1000,
  buckets: new Map(),
});

/**
 * Token buckets in process memory: no call to a store per request. With `pseudonyms` it can be told what passed in other
 * processes, and tells what passed here; between two exchanges, and without them, each process counts for itself.
 */
export const createLimiter = ({
  clock,
  rates: { key, address },
  pseudonyms,
}: {
  clock: Clock;
  rates: Rates;
  pseudonyms?: Pseudonyms;
}): Limiter => {
  const keys = kindOf('k', key.perSecond, key.burst);
  const lines = kindOf('a', address.perSecond, address.burst);
  const networks = kindOf('n', address.perSecond * NETWORK, address.burst * NETWORK);
  const kinds = [keys, lines, networks];
  const shared = pseudonyms !== undefined;
  let noticed: Kept[] = [];
  /** By pseudonym: buckets of this process, and what was heard of buckets that it may use later. */
  const known = new Map<string, Kept>();
  const strangers = new Map<string, Bucket & { kind: Kind }>();
  let hour = Number.NaN;
  let sweptAt = clock.now();

  /** Full buckets say nothing: they are forgotten, so memory follows the live senders. */
  const sweep = (now: number): void => {
    sweptAt = now;
    for (const { buckets, rate } of kinds) {
      for (const [name, bucket] of buckets) {
        if (bucket.noticed || !isFull(bucket, rate, now)) continue;
        buckets.delete(name);
        known.delete(bucket.pseudonym);
      }
    }
    for (const [name, bucket] of strangers) if (isFull(bucket, bucket.kind.rate, now)) strangers.delete(name);
  };

  const bucketOf = (kind: Kind, name: string, now: number): Kept => {
    const bucket = kind.buckets.get(name);
    if (bucket) {
      refill(bucket, kind.rate, now);
      return bucket;
    }
    const fresh = new Kept(kind, name, now);
    kind.buckets.set(name, fresh);
    return fresh;
  };

  const spend = (bucket: Kept, now: number): void => {
    bucket.level -= 1;
    if (!shared || bucket.noticed) {
      bucket.untold += 1;
      return;
    }
    if (now - bucket.countedFrom > bucket.kind.memoryMs) {
      bucket.untold = 0;
      bucket.countedFrom = now;
    }
    bucket.untold += 1;
    if (bucket.untold < bucket.kind.noticedFrom) return;
    bucket.noticed = true;
    noticed.push(bucket);
  };

  /** The names of the last hour mean nothing any more. */
  const turnHour = (now: number): void => {
    if (now === hour) return;
    hour = now;
    for (const bucket of known.values()) bucket.pseudonym = '';
    known.clear();
    strangers.clear();
  };

  /** Gives a bucket its name of this hour, and takes over what was heard under it. */
  const introduce = (bucket: Kept, { of }: Pseudonyms, now: number): void => {
    bucket.pseudonym = bucket.kind.letter + of(bucket.kind.letter + bucket.name);
    known.set(bucket.pseudonym, bucket);
    const stranger = strangers.get(bucket.pseudonym);
    if (!stranger) return;
    strangers.delete(bucket.pseudonym);
    refill(stranger, bucket.kind.rate, now);
    refill(bucket, bucket.kind.rate, now);
    drain(bucket, bucket.kind.rate, bucket.kind.rate.burst - stranger.level);
  };

  const listen = ([name, requests]: Taken, now: number): void => {
    const kind = kinds.find(({ letter }) => name.startsWith(letter));
    if (!kind) return;
    let bucket: Bucket | undefined = known.get(name) ?? strangers.get(name);
    if (!bucket) {
      if (strangers.size >= MOST_STRANGERS) return;
      const stranger = { ...fullBucket(kind.rate, now), kind };
      strangers.set(name, stranger);
      bucket = stranger;
    }
    refill(bucket, kind.rate, now);
    drain(bucket, kind.rate, requests);
  };

  return {
    take: (siteKey, client) => {
      const now = clock.now();
      if (now - sweptAt >= SWEEP_MS) sweep(now);
      const site = bucketOf(keys, siteKey, now);
      let wait = waitOf(site, keys.rate);
      // Loopback has no limit by address: nobody attacks from there, and a proxy on this host that nobody declared in
      // TRUST_PROXY would otherwise put all visitors into one bucket.
      if (isLoopback(client)) {
        if (wait === 0) spend(site, now);
        return Math.ceil(wait);
      }
      const line = bucketOf(lines, client.line, now);
      const network = bucketOf(networks, client.network, now);
      wait = Math.max(wait, waitOf(line, lines.rate), waitOf(network, networks.rate));
      if (wait > 0) return Math.ceil(wait);
      spend(site, now);
      spend(line, now);
      spend(network, now);
      return 0;
    },
    tell: () => {
      if (!pseudonyms || noticed.length === 0) return [];
      const now = clock.now();
      turnHour(pseudonyms.hour());
      const told = noticed;
      noticed = [];
      if (told.length > MOST_TOLD) told.sort((a, b) => b.untold - a.untold);
      const taken: Taken[] = [];
      for (const [at, bucket] of told.entries()) {
        if (at < MOST_TOLD) {
          if (bucket.pseudonym === '') introduce(bucket, pseudonyms, now);
          taken.push([bucket.pseudonym, bucket.untold]);
        }
        bucket.untold = 0;
        bucket.countedFrom = now;
        bucket.noticed = false;
      }
      return taken;
    },
    hear: (taken) => {
      if (!pseudonyms) return;
      const now = clock.now();
      turnHour(pseudonyms.hour());
      for (const one of taken) listen(one, now);
    },
  };
};
