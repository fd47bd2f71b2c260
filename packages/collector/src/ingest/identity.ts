import { createHmac } from 'node:crypto';
import type { Batch } from '@lintel/protocol';
import type { Clock } from '../clock.js';
import { first64, hash64 } from './hash.js';
import { createLru } from './lru.js';
import type { Salts } from './salts.js';

/** Decimal texts of UInt64; `'0'` = nobody. */
export interface Identity {
  visitor: string;
  session: string;
}

/** A visit that runs over midnight keeps yesterday's hash until its first pause of this length. */
const PAUSE_MS = 30 * 60_000;
const REMEMBERED = 20_000;

export interface Identities {
  /** A browser's batch. Without consent its own ids count for nothing, whatever an old SDK sends. */
  ofVisitor(siteId: number, batch: Batch, network: string, userAgent: string): Identity;
  /** A signed batch: the site's server knows whom it speaks of. */
  ofServer(siteId: number, batch: Batch): Identity;
}

export const createIdentities = ({ clock, salts }: { clock: Clock; salts: Salts }): Identities => {
  const hashes = createLru<string, string>(REMEMBERED);
  const remember = (text: string): string => hashes.get(text) ?? hashes.set(text, hash64(text));
  /** `site|hash` → last seen: which of yesterday's visitors are still here. */
  const lastSeen = createLru<string, number>(REMEMBERED);
  const daily = createLru<string, string>(REMEMBERED);

  const keyed = (salt: Buffer, text: string): string =>
    first64(createHmac('sha256', salt).update(text).digest());

  /** HMAC over the network and the browser with a salt that is gone in two days: good within one day. */
  const dailyHash = (siteId: number, network: string, userAgent: string): string => {
    const { day, salt, before } = salts.today();
    const now = clock.now();
    const who = `${siteId}\n${network}\n${userAgent}`;
    const key = `${day}\n${who}`;
    let hash = daily.get(key);
    if (hash === undefined) {
      hash = keyed(salt, who);
      if (before !== null) {
        const yesterday = keyed(before, who);
        const seen = lastSeen.get(yesterday);
        if (seen !== undefined && now - seen < PAUSE_MS) hash = yesterday;
      }
      daily.set(key, hash);
    }
    const seen = lastSeen.get(hash);
    if (seen !== undefined && now - seen > PAUSE_MS) hash = daily.set(key, keyed(salt, who));
    lastSeen.set(hash, now);
    return hash;
  };

  const ofIds = (
    siteId: number,
    visitor: string,
    batch: Batch,
    session: string | null | undefined,
  ): Identity => ({
    visitor,
    session: session
      ? remember(`s${siteId}|${session.toLowerCase()}`)
      : visitor === '0'
        ? '0'
        : remember(`p${visitor}|${batch.stream.toLowerCase()}`),
  });

  return {
    ofVisitor: (siteId, batch, network, userAgent) => {
      const known = (batch.consent ?? 'none') !== 'none';
      const visitor =
        known && batch.visitor
          ? remember(`v${siteId}|${batch.visitor.toLowerCase()}`)
          : dailyHash(siteId, network, userAgent);
      return ofIds(siteId, visitor, batch, known ? batch.session : null);
    },
    ofServer: (siteId, batch) => {
      if (batch.visitor) {
        const identity = ofIds(
          siteId,
          remember(`v${siteId}|${batch.visitor.toLowerCase()}`),
          batch,
          batch.session,
        );
        // the back office tells of a visitor's order: that is no visit
        return batch.session || batch.page ? identity : { ...identity, session: '0' };
      }
      // A server that relays a page instance without an id tells of one visitor for the length of that page; one that
      // sends an order tells of nobody.
      if (batch.page) {
        return ofIds(siteId, remember(`r${siteId}|${batch.stream.toLowerCase()}`), batch, batch.session);
      }
      return ofIds(siteId, '0', batch, batch.session);
    },
  };
};
