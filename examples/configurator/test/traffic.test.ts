import { checkBatch, checkEvent, LIMITS, type Event } from '@lintel/protocol';
import { expect } from 'chai';
import { LANDING_EXPERIMENT, visits, type Visit } from '../traffic/index.js';

const DAY_MS = 86_400_000;
const from = Date.UTC(2026, 5, 1);
const draw = (seed: number, days: number, visitorsPerDay: number): Visit[] => [
  ...visits({ seed, from, to: from + days * DAY_MS, visitorsPerDay, siteKey: 'pk_test' }),
];
const eventsOf = (drawn: readonly Visit[]): Event[] => drawn.flatMap(({ batch }) => batch.events as Event[]);

describe('generated visits', () => {
  let drawn: Visit[];
  before(() => {
    drawn = draw(7, 84, 40);
  });

  it('are valid batches of valid events, numbered without gaps', () => {
    for (const { batch } of drawn) {
      expect(checkBatch(batch).kind).to.equal('valid');
      expect(batch.events.length).to.be.within(1, LIMITS.events);
      batch.events.forEach((event, i) => {
        const checked = checkEvent(event);
        expect(checked.kind, JSON.stringify(checked)).to.equal('valid');
        expect((event as Event).seq).to.equal(i);
      });
    }
  });

  it('are the same for the same seed and others for another', () => {
    expect(JSON.stringify(draw(3, 5, 20))).to.equal(JSON.stringify(draw(3, 5, 20)));
    expect(JSON.stringify(draw(3, 5, 20))).to.not.equal(JSON.stringify(draw(4, 5, 20)));
  });

  it('come in order of time, inside the range, each page instance once', () => {
    const starts = drawn.map(({ at }) => at);
    expect(starts).to.eql([...starts].sort((a, b) => a - b));
    expect(starts[0]).to.be.at.least(from);
    expect(starts.at(-1)).to.be.below(from + 84 * DAY_MS);
    expect(new Set(drawn.map(({ batch }) => batch.stream)).size).to.equal(drawn.length);
    for (const { batch } of drawn) {
      const times = (batch.events as Event[]).map(({ at }) => at);
      expect(times).to.eql([...times].sort((a, b) => a - b));
    }
  });

  it('say of a visitor only what the consent allows', () => {
    for (const { batch } of drawn) {
      if (batch.consent === 'none') {
        expect([batch.visitor, batch.session]).to.eql([null, null]);
        expect(Object.keys(batch.page ?? {})).to.not.include.members(['language']);
      }
      for (const event of batch.events as Event[]) {
        if (event.type === 'inquiry' && batch.consent !== 'all') expect(event).to.not.have.property('id');
      }
    }
  });

  it('announce their end, except for about one in seventy that died unheard', () => {
    const pages = drawn.filter(({ batch }) => batch.sdk !== 'server' && batch.page?.title !== 'Waldnest');
    const ended = pages.filter(({ batch }) => batch.ended);
    expect(ended.length / pages.length).to.be.within(0.975, 0.993);
    for (const { batch } of ended)
      expect(batch.ended).to.eql([{ stream: batch.stream, count: batch.events.length }]);
  });

  it('look like a configurator: most leave early, some save, few inquire, a handful order', () => {
    const events = eventsOf(drawn);
    const count = (test: (event: Event) => boolean): number => events.filter(test).length;
    const arrivals = count((event) => event.type === 'page_view' && event.nav === 'load');
    const shares = {
      configured:
        count((event) => event.type === 'config' && (event.reason === 'start' || event.reason === 'load')) /
        arrivals,
      summaries: count((event) => event.type === 'page_view' && event.path === '/zusammenfassung') / arrivals,
      saves: count((event) => event.type === 'config' && event.reason === 'save') / arrivals,
      inquiries: count((event) => event.type === 'inquiry') / arrivals,
      orders: count((event) => event.type === 'order') / count((event) => event.type === 'inquiry'),
    };
    expect(shares.configured).to.be.within(0.4, 0.75);
    expect(shares.summaries).to.be.within(0.12, 0.35);
    expect(shares.saves).to.be.within(0.04, 0.15);
    expect(shares.inquiries).to.be.within(0.01, 0.06);
    expect(shares.orders).to.be.within(0.01, 0.12);
  });

  it('prefer larch and parquet, as their tastes say', () => {
    const last = new Map<string, Event & { type: 'config' }>();
    for (const { batch } of drawn) {
      for (const event of batch.events as Event[]) if (event.type === 'config') last.set(batch.stream, event);
    }
    const share = (group: string, option: string): number =>
      [...last.values()].filter(({ options }) => options[group] === option).length / last.size;
    expect(share('facade', 'wood')).to.be.greaterThan(share('facade', 'cement-white'));
    expect(share('floor', 'parquet')).to.be.greaterThan(share('floor', 'tiles'));
    expect(share('heating', 'heat-pump')).to.be.greaterThan(share('heating', 'pellet'));
  });

  it('show dearer houses on newer price lists, and the same list to everybody at one time', () => {
    const lists = new Map<string, { first: number; last: number; prices: number[] }>();
    for (const { batch } of draw(7, 120, 40)) {
      for (const event of batch.events as Event[]) {
        if (event.type !== 'config' || event.reason !== 'start') continue;
        const list = lists.get(event.catalogue!) ?? { first: event.at, last: event.at, prices: [] };
        lists.set(event.catalogue!, {
          first: Math.min(list.first, event.at),
          last: Math.max(list.last, event.at),
          prices: [...list.prices, event.priceCents],
        });
      }
    }
    const byTime = [...lists.values()].sort((p, q) => p.first - q.first);
    expect(byTime.length).to.equal(3);
    const cheapest = byTime.map(({ prices }) => Math.min(...prices));
    expect(cheapest).to.eql([...cheapest].sort((p, q) => p - q));
    expect(new Set(cheapest).size).to.equal(3);
    // a visit that is under way when the list changes ends on the list it began with
    const overlaps = byTime.slice(1).map((list, i) => byTime[i]!.last - list.first);
    for (const overlap of overlaps) expect(overlap).to.be.below(DAY_MS / 2);
  });

  it('expose consented visitors to the landing experiment, each to one arm, about half to each', () => {
    const arms = new Map<string, Set<string>>();
    for (const { batch } of draw(7, 60, 80)) {
      for (const event of batch.events as Event[]) {
        if (event.type !== 'exposure') continue;
        expect(batch.consent).to.not.equal('none');
        expect(event.at).to.be.at.least(from + (60 - LANDING_EXPERIMENT.days) * DAY_MS);
        arms.set(batch.visitor!, (arms.get(batch.visitor!) ?? new Set()).add(event.variant));
      }
    }
    expect(arms.size).to.be.greaterThan(200);
    expect([...arms.values()].every((seen) => seen.size === 1)).to.equal(true);
    const large = [...arms.values()].filter((seen) => seen.has('large')).length;
    expect(large / arms.size).to.be.within(0.42, 0.58);
  });

  it('are more on Sundays than on Fridays and more in the evening than at night', () => {
    const weekdays = new Array<number>(7).fill(0);
    const hours = new Array<number>(24).fill(0);
    for (const { at } of drawn) {
      weekdays[new Date(at).getUTCDay()]!++;
      hours[(new Date(at).getUTCHours() + 2) % 24]!++; // summer time in Vienna
    }
    expect(weekdays[0]).to.be.greaterThan(weekdays[5]! * 1.1);
    expect(hours[20]).to.be.greaterThan(hours[3]! * 10);
  });
});
