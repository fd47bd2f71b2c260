import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../clock.js';
import type { Site, Sites } from '../sites.js';
import type { Nonces } from './nonces.js';
import { refuse, type Refusal } from './refusal.js';

/** Largest difference between the sender's clock and ours. */
const WINDOW_MS = 5 * 60_000;

/** A request that a server of the site has signed. */
export interface Signed {
  kind: 'signed';
  site: Site;
  /** Takes the nonce; a repeat is refused from now on. Called once the batch is durable. */
  keep(): void;
  /** Gives the nonce back: the batch was not stored and the same request may come again. */
  giveBack(): void;
}

const one = (headers: IncomingHttpHeaders, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
};

const refused = (message: string, siteId?: number): Refusal =>
  refuse(403, 'signature', message, siteId === undefined ? {} : { siteId });

/**
 * Order of checks: key, time, signature, nonce. The signature covers the body as it was sent, so nothing unsigned is
 * inflated or parsed.
 * @returns the site, or the refusal; which of several secrets failed is not told
 */
export const verify = (
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  { sites, nonces, clock }: { sites: Sites; nonces: Nonces; clock: Clock },
): Signed | Refusal => {
  const id = /^sk_([A-Za-z0-9]{1,64})$/.exec(one(headers, 'lintel-key'))?.[1];
  const found = id === undefined ? undefined : sites.byServerKey(id);
  if (!found) return refuse(403, 'key', 'Lintel-Key must be sk_<id> of a server key of this collector');
  const siteId = found.site.id;
  const timestamp = one(headers, 'lintel-timestamp');
  if (!/^\d{1,15}$/.test(timestamp) || Math.abs(clock.now() - Number(timestamp)) > WINDOW_MS) {
    return refused('Lintel-Timestamp must be epoch milliseconds, at most 5 minutes off', siteId);
  }
  const nonce = one(headers, 'lintel-nonce');
  if (!/^[\w+/=-]{16,64}$/.test(nonce))
    return refused('Lintel-Nonce must be 16 random bytes as text', siteId);
  const given = /^v1=([0-9a-f]{64})$/.exec(one(headers, 'lintel-signature'))?.[1];
  const expected = createHmac('sha256', found.key.secret)
    .update(`${timestamp}.${nonce}.`)
    .update(body)
    .digest();
  if (given === undefined || !timingSafeEqual(Buffer.from(given, 'hex'), expected)) {
    return refused('Lintel-Signature must be v1=<hex HMAC-SHA256 of timestamp.nonce.body>', siteId);
  }
  const name = `${found.key.id}|${nonce}`;
  if (!nonces.take(name)) return refused('Lintel-Nonce was used before', siteId);
  return {
    kind: 'signed',
    site: found.site,
    keep: () => nonces.keep(name),
    giveBack: () => nonces.giveBack(name),
  };
};
