import { live } from './life.js';
import { earlierLead, orderOf } from './orders.js';
import { priceLists } from './price-list.js';
import { createRandom } from './random.js';
import type { Visit } from './recorder.js';
import { DAY_MS, dayFactor, momentOf } from './season.js';

export interface VisitsOptions {
  seed: number;
  /** Epoch ms; the first visitors come on the day that begins here. */
  from: number;
  /** Epoch ms; nothing begins at or after it. */
  to: number;
  /** New visitors on an average day. */
  visitorsPerDay: number;
  /** Default `pk_demo`. */
  siteKey?: string;
}

/** About two of a hundred visitors inquire; only orders of that time before are needed. */
const EARLIER_DAYS = 75;
const EARLIER_LEADS = 0.02;
const CRAWLERS = 0.012;

const crawl = (at: number, siteKey: string, stream: string): Visit => ({
  userAgent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  at,
  batch: {
    key: siteKey,
    sdk: '0.1.0',
    sentAt: at + 1000,
    stream,
    visitor: null,
    session: null,
    consent: 'none',
    page: { url: 'https://www.waldnest.example/', referrer: '', title: 'Waldnest', viewport: [420, 740] },
    events: [{ seq: 0, at, type: 'page_view', path: '/', nav: 'load', automated: true }],
  },
});

/**
 * Visitor journeys of this configurator, in the order in which they begin: the same options give the same events,
 * byte for byte. One batch a page instance, at most 500 events.
 */
export function* visits({
  seed,
  from,
  to,
  visitorsPerDay,
  siteKey = 'pk_demo',
}: VisitsOptions): Generator<Visit> {
  const priceListAt = priceLists(to);
  const days = Math.ceil((to - from) / DAY_MS);
  const waiting = new Map<number, Visit[]>();
  const keep = (visit: Visit | null): void => {
    if (visit === null || visit.at < from || visit.at >= to) return;
    const day = Math.floor((visit.at - from) / DAY_MS);
    const of = waiting.get(day);
    if (of) of.push(visit);
    else waiting.set(day, [visit]);
  };

  const before = createRandom(`${seed}:before`);
  for (let day = 1; day <= EARLIER_DAYS; day++) {
    for (let n = before.poisson(visitorsPerDay * EARLIER_LEADS); n > 0; n--) {
      keep(orderOf(earlierLead(from - day * DAY_MS, before), before, siteKey));
    }
  }

  for (let day = 0; day < days; day++) {
    const dayStart = from + day * DAY_MS;
    const ofDay = createRandom(`${seed}:${dayStart}`);
    for (let n = ofDay.poisson(visitorsPerDay * dayFactor(dayStart, day)); n > 0; n--) {
      // A generator of its own for each person: one more visitor changes nobody else.
      const random = createRandom(`${seed}:${dayStart}:${n}`);
      const life = live({ at: momentOf(dayStart, random), day, random, siteKey, to, priceListAt });
      for (const visit of life.visits) keep(visit);
      if (life.lead) keep(orderOf(life.lead, random, siteKey));
    }
    for (let n = ofDay.poisson(visitorsPerDay * CRAWLERS); n > 0; n--) {
      keep(crawl(dayStart + ofDay.integer(0, DAY_MS - 1), siteKey, ofDay.uuid()));
    }
    const today = (waiting.get(day) ?? []).sort((a, b) => a.at - b.at);
    waiting.delete(day);
    yield* today;
  }
}
