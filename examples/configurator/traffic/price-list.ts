import { BUNDLED_CATALOGUE, type Catalogue, type PriceCents } from '../src/catalogue.js';
import { DAY_MS } from './season.js';

/** A new price list this often, counted back from the end of the generated time, where today's list holds. */
const LIST_DAYS = 56;
/** Timber and work: dearer from list to list. Modules of photovoltaics: cheaper. */
const CHANGE: Readonly<Record<string, number>> = { photovoltaics: 0.93 };
const USUAL_CHANGE = 1.018;

const rounded = (cents: number): number => Math.round(cents / 10_000) * 10_000;
const scaled = (price: PriceCents, factor: number): PriceCents =>
  typeof price === 'number'
    ? rounded(price * factor)
    : Object.fromEntries(Object.entries(price).map(([model, cents]) => [model, rounded(cents * factor)]));

const earlier = (lists: number): Catalogue => {
  if (lists === 0) return BUNDLED_CATALOGUE;
  const factor = (group: string): number => (CHANGE[group] ?? USUAL_CHANGE) ** -lists;
  return {
    ...BUNDLED_CATALOGUE,
    version: `${BUNDLED_CATALOGUE.version}-${lists}`,
    models: BUNDLED_CATALOGUE.models.map((model) => ({
      ...model,
      priceCents: rounded(model.priceCents * factor('model')),
    })),
    groups: BUNDLED_CATALOGUE.groups.map((group) => ({
      ...group,
      options: group.options.map((option) => ({
        ...option,
        priceCents: scaled(option.priceCents, factor(group.id)),
      })),
    })),
  };
};

/** Price lists of a generated time: `at` → the catalogue that held then. @param to its end, epoch ms */
export const priceLists = (to: number): ((at: number) => Catalogue) => {
  const known = new Map<number, Catalogue>();
  return (at) => {
    const lists = Math.max(0, Math.floor((to - 1 - at) / (LIST_DAYS * DAY_MS)));
    const found = known.get(lists);
    if (found) return found;
    const made = earlier(lists);
    known.set(lists, made);
    return made;
  };
};
