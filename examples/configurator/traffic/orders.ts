import { BUNDLED_CATALOGUE as catalogue } from '../src/catalogue.js';
import { choose, startConfiguration, totalCents } from '../src/configuration.js';
import type { Lead } from './life.js';
import { drawPerson } from './people.js';
import type { Random } from './random.js';
import type { Visit } from './recorder.js';
import { DAY_MS } from './season.js';
import { drawOption } from './taste.js';

/** Share of inquiries that become an order, and how many days that takes. */
const ORDER_RATE = 0.085;
const MEDIAN_DAYS = 32;

/**
 * The order a lead becomes, or null. The site's back office sends it, so no page, no session; the visitor is named
 * only where consent `all` allows the join.
 */
export const orderOf = (lead: Lead, random: Random, siteKey: string): Visit | null => {
  if (!random.chance(ORDER_RATE)) return null;
  const at = Math.round(lead.at + random.around(MEDIAN_DAYS, 0.42) * DAY_MS);
  const joined = lead.inquiryId !== null;
  // Surveys, foundations and second thoughts move the price a little.
  const priceCents = Math.round((lead.priceCents * (1.01 + 0.03 * random.normal())) / 1000) * 1000;
  return {
    userAgent: 'Waldnest-Office/1.0',
    at,
    batch: {
      key: siteKey,
      sdk: 'server',
      sentAt: at,
      stream: random.uuid(),
      visitor: joined ? lead.person.visitor : null,
      session: null,
      consent: joined ? 'all' : 'none',
      events: [
        {
          seq: 0,
          at,
          type: 'order',
          id: `W-${random.integer(100_000, 999_999)}`,
          priceCents: Math.max(0, priceCents),
          currency: catalogue.currency,
          model: lead.configuration.model,
          ...(joined ? { inquiry: lead.inquiryId } : {}),
        },
      ],
    },
  };
};

/** A lead from before the generated time, so that orders do not begin with a gap of weeks. */
export const earlierLead = (at: number, random: Random): Lead => {
  const person = drawPerson(random);
  let configuration = startConfiguration(catalogue);
  for (const group of ['model', ...catalogue.groups.map(({ id }) => id)]) {
    configuration = choose(
      catalogue,
      configuration,
      group,
      drawOption(random, group, configuration.model, person.taste, 0),
    );
  }
  return { at, person, inquiryId: null, configuration, priceCents: totalCents(catalogue, configuration) };
};
