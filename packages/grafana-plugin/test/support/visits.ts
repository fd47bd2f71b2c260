import { EXAMPLES } from '@lintel/protocol';
import { FUNNEL_STEPS } from '../../src/queries/steps.js';
import type { Visit } from './world.js';

const EVENTS = [
  EXAMPLES.page_view,
  EXAMPLES.option_select,
  EXAMPLES.price_view,
  { ...EXAMPLES.config, reason: 'save' },
  EXAMPLES.inquiry,
] as unknown as Visit['events'];

/** Somebody who came as far as the n-th step of the funnel, and then looked at two more pages. */
export const visitTo = (step: number, agoS: number, generated?: number): Visit => ({
  agoS,
  events: [
    ...EVENTS.slice(0, step),
    EXAMPLES.page_view as Visit['events'][number],
    EXAMPLES.page_view as Visit['events'][number],
  ],
  ...(generated === undefined ? {} : { generated }),
});

/** What must come out of visits, counted here and not by SQL; every visit is another visitor. */
export const expectedOf = (visits: readonly { step: number; agoS: number; generated?: number }[]) => ({
  visitorsNow: visits.filter(({ step, agoS }) => agoS - (step + 1) * 2 < 300).length,
  events: visits.reduce((sum, { step }) => sum + step + 2, 0),
  generated: visits.reduce((sum, { step, generated }) => sum + (generated ?? step + 2), 0),
  funnel: FUNNEL_STEPS.map((step, index) => ({
    step,
    visitors: visits.filter((visit) => visit.step > index).length,
  })).filter(({ visitors }) => visitors > 0),
  inquiries: visits.filter(({ step }) => step >= 5).length,
  configuringNow: visits.filter(({ step, agoS }) => step >= 2 && agoS - 2 < 300).length,
  atPriceNow: visits.filter(({ step, agoS }) => step >= 3 && agoS - 4 < 300).length,
});
