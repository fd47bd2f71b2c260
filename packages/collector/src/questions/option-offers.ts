import { cellKey, optionKey, type ChoiceRow } from './option-surcharges.js';

/** Two surcharges of an option are one level when they differ by less than this share. */
const SAME_LEVEL = 0.01;
/** A group with more options is a number (modules, square metres), not a choice between things. */
const MOST_OPTIONS = 12;

export interface Group {
  name: string;
  options: string[];
  reference: string;
  n: number;
}

/** Groups with something to choose, each with its most chosen option as the reference. */
export const groupsOf = (choices: readonly ChoiceRow[]): Group[] => {
  const counts = new Map<string, Map<string, number>>();
  for (const { group, option, n } of choices) {
    const own = counts.get(group) ?? new Map<string, number>();
    counts.set(group, own.set(option, (own.get(option) ?? 0) + n));
  }
  return [...counts]
    .filter(([, own]) => own.size >= 2 && own.size <= MOST_OPTIONS)
    .map(([name, own]) => ({
      name,
      options: [...own.keys()].sort(),
      reference: [...own].sort(([p, m], [q, n]) => n - m || (p < q ? -1 : 1))[0]![0],
      n: [...own.values()].reduce((sum, n) => sum + n, 0),
    }))
    .sort((p, q) => (p.name < q.name ? -1 : 1));
};

/** What was offered together at which surcharges, and how often each was taken. Cells with the same prices are one. */
export interface Offer {
  group: string;
  options: { option: string; surcharge: number; n: number }[];
}

/** @param cells surcharges by model and week */
export const offersOf = (
  groups: readonly Group[],
  choices: readonly ChoiceRow[],
  cells: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Offer[] => {
  const byCell = new Map<string, ChoiceRow[]>();
  for (const row of choices) {
    const key = `${cellKey(row.model, row.week)} ${row.group}`;
    byCell.set(key, [...(byCell.get(key) ?? []), row]);
  }
  const offers = new Map<string, Offer>();
  for (const group of groups)
    for (const [cell, prices] of cells) {
      const taken = byCell.get(`${cell} ${group.name}`) ?? [];
      const options = group.options.flatMap((option) => {
        const surcharge = prices.get(optionKey(group.name, option));
        const n = taken.find((row) => row.option === option)?.n ?? 0;
        return surcharge === undefined ? [] : [{ option, surcharge, n }];
      });
      if (options.length < 2 || options.every(({ n }) => n === 0)) continue;
      const key = `${group.name} ${options.map(({ option, surcharge }) => `${option}=${surcharge.toFixed(2)}`).join(' ')}`;
      const same = offers.get(key);
      if (same) same.options.forEach((one, i) => (one.n += options[i]!.n));
      else offers.set(key, { group: group.name, options });
    }
  return [...offers.values()];
};

/** Most levels at which the surcharge of one option was seen. */
export const levelsOf = (offers: readonly Offer[]): number => {
  const seen = new Map<string, number[]>();
  for (const { group, options } of offers)
    for (const { option, surcharge } of options) {
      const key = optionKey(group, option);
      const levels = seen.get(key) ?? [];
      const near = levels.some(
        (level) =>
          Math.abs(level - surcharge) <= SAME_LEVEL * Math.max(Math.abs(level), Math.abs(surcharge), 1),
      );
      if (!near) seen.set(key, [...levels, surcharge]);
    }
  return [...seen.values()].reduce((most, levels) => Math.max(most, levels.length), 0);
};
