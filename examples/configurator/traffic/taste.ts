import { BUNDLED_CATALOGUE, type Catalogue, type Group } from '../src/catalogue.js';
import { optionsFor } from '../src/configuration.js';
import type { Random } from './random.js';

/** How often each option is wanted by somebody of middling taste; the shares of the demo's dashboards come from here. */
const WEIGHTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  model: { 'nest-80': 17, 'nest-100': 27, 'nest-120': 30, 'nest-140': 16, 'nest-160': 10 },
  facade: { trapezoid: 26, wood: 42, 'cement-white': 13, 'cement-black': 19 },
  interior: { raw: 14, spruce: 44, plaster: 27, oak: 15 },
  floor: { raw: 12, parquet: 61, tiles: 27 },
  windows: { pvc: 30, wood: 34, aluminium: 36 },
  heating: { infrared: 21, 'heat-pump': 60, pellet: 19 },
};

const modelGroup = (catalogue: Catalogue): Group => ({
  id: 'model',
  title: 'model',
  options: catalogue.models.map(({ id, title, description, priceCents }) => ({
    id,
    title,
    description,
    priceCents,
  })),
});

/**
 * Draws an option. Whoever has an expensive taste leans to the later, dearer entries; larch gains and trapezoid sheet
 * loses over the months, so that a trend can be found.
 * @param taste 0…1   @param day since the start
 */
export const drawOption = (
  random: Random,
  groupId: string,
  model: string,
  taste: number,
  day: number,
  catalogue: Catalogue = BUNDLED_CATALOGUE,
): string => {
  const group =
    groupId === 'model' ? modelGroup(catalogue) : catalogue.groups.find(({ id }) => id === groupId)!;
  const options = optionsFor(group, model);
  const middle = (options.length - 1) / 2;
  return random.pick(
    options.map(({ id }, i) => {
      const known = WEIGHTS[groupId]?.[id];
      // Counted options: a quarter wants none, the others somewhat more than half of what fits.
      const base = known ?? (i === 0 ? 25 : 75 * Math.exp(-(((i / (options.length - 1) - 0.6) / 0.3) ** 2)));
      const drift =
        id === 'wood' && groupId === 'facade'
          ? 1 + day / 180
          : id === 'trapezoid'
            ? 1 - Math.min(day, 120) / 240
            : 1;
      return [base * drift * Math.exp((taste - 0.5) * 0.8 * (i - middle)), id] as const;
    }),
  );
};
