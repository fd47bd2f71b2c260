import { inverse, Matrix } from 'ml-matrix';
import type { Configurations } from './configurations.js';

/** A whole house, and what it cost in `n` sessions that ended with it. */
export interface PriceRow {
  week: string;
  model: string;
  parts: Readonly<Record<string, string>>;
  price: number;
  n: number;
}
/** Visitors who ended with an option. */
export interface ChoiceRow {
  week: string;
  model: string;
  group: string;
  option: string;
  n: number;
}
/** Line of the view `configuration_ends`, the most frequent first. */
export interface EndRow {
  week: string;
  model: string;
  config: string;
  /** Visitors who ended with it. */
  chosen: number;
  /** Sessions that ended with it at a price, and the mean of that. */
  n: number;
  price: number | null;
}

/** As many houses tell what options cost. */
const MOST_PRICED = 2000;

/** Which options were chosen, and what whole houses cost. */
export const choicesAndPrices = (
  rows: readonly EndRow[],
  configurations: Configurations,
): { choices: ChoiceRow[]; prices: PriceRow[] } => {
  // by week and model, group, option: a key made of all four would be made for each option of each house
  const cells = new Map<string, Map<string, Map<string, ChoiceRow>>>();
  const choices: ChoiceRow[] = [];
  const prices: PriceRow[] = [];
  for (const { week, model, config, chosen, n, price } of rows) {
    const parts = configurations.get(config)?.parts ?? {};
    if (price !== null && prices.length < MOST_PRICED) prices.push({ week, model, parts, price, n });
    if (chosen === 0) continue;
    const key = cellKey(model, week);
    let groups = cells.get(key);
    if (!groups) cells.set(key, (groups = new Map()));
    for (const group in parts) {
      let options = groups.get(group);
      if (!options) groups.set(group, (options = new Map()));
      const option = parts[group]!;
      const known = options.get(option);
      if (known) known.n += chosen;
      else {
        const choice = { week, model, group, option, n: chosen };
        options.set(option, choice);
        choices.push(choice);
      }
    }
  }
  return { choices, prices };
};

export const optionKey = (group: string, option: string): string => `${group}/${option}`;
export const cellKey = (model: string, week: string): string => `${model} ${week}`;

/** What is known beforehand weighs as little as this share of the data. */
const RIDGE = 1e-9;
/** A price that rests on what was known beforehand by more than this was not seen. */
const MOST_BORROWED = 0.01;

interface Fit {
  /** Against the group's reference, by option key; only what the rows tell apart. */
  known: Map<string, number>;
  residual: number;
  spread: number;
}

/** A house with its options by number: those that are the reference of their group, and those that are not. */
interface CodedRow {
  row: PriceRow;
  references: number[];
  others: number[];
}

/** Options by number, numbers in the order of the names: a house is fitted twice, and names are slow. */
const coded = (
  rows: readonly PriceRow[],
  references: ReadonlyMap<string, string>,
): { names: string[]; houses: CodedRow[] } => {
  const seen = new Map([...references.keys()].map((group) => [group, new Map<string, number>()]));
  const found: string[] = [];
  const houses = rows.map((row): CodedRow => {
    const house: CodedRow = { row, references: [], others: [] };
    for (const group in row.parts) {
      const options = seen.get(group);
      if (!options) continue;
      const option = row.parts[group]!;
      const number = options.get(option) ?? found.push(optionKey(group, option)) - 1;
      options.set(option, number);
      house[references.get(group) === option ? 'references' : 'others'].push(number);
    }
    return house;
  });
  const names = [...found].sort();
  const places = new Map(names.map((name, place) => [name, place]));
  const placeOf = (number: number): number => places.get(found[number]!)!;
  return {
    names,
    houses: houses.map((house) => ({
      row: house.row,
      references: house.references.map(placeOf),
      others: house.others.map(placeOf),
    })),
  };
};

/** Weighted least squares of price on options, pulled towards `expected` where the rows are silent. */
const fitPrices = (
  houses: readonly CodedRow[],
  names: readonly string[],
  expected: ReadonlyMap<string, number>,
): Fit => {
  const at = new Uint32Array(names.length);
  for (const { others } of houses) for (const option of others) at[option] = 1;
  const columns: string[] = [];
  names.forEach((name, option) => {
    if (at[option] === 1) at[option] = columns.push(name);
  });
  const width = columns.length + 1;
  const total = houses.reduce((sum, { row }) => sum + row.n, 0);
  const normal = new Float64Array(width * width);
  for (let j = 0; j < width; j++) normal[j * width + j] = RIDGE * total;
  const right = [0, ...columns.map((key) => expected.get(key) ?? 0)].map((value) => RIDGE * total * value);
  const members = houses.map(({ others }) => {
    const own = new Uint32Array(others.length + 1);
    for (let i = 0; i < others.length; i++) own[i + 1] = at[others[i]!]!;
    return own;
  });
  houses.forEach(({ row: { price, n } }, i) => {
    const own = members[i]!;
    for (let j = 0; j < own.length; j++) {
      right[own[j]!]! += n * price;
      for (let k = 0; k < own.length; k++) normal[own[j]! * width + own[k]!]! += n;
    }
  });
  const inner = inverse(Matrix.from1DArray(width, width, normal));
  const prices = inner.mmul(Matrix.columnVector(right)).to1DArray();
  const known = new Map(
    columns
      .map((key, i) => ({ key, price: prices[i + 1]!, borrowed: RIDGE * total * inner.get(i + 1, i + 1) }))
      .filter(({ borrowed }) => borrowed <= MOST_BORROWED)
      .map(({ key, price }) => [key, price]),
  );
  const seen = new Uint8Array(names.length);
  for (const { references } of houses) for (const option of references) seen[option] = 1;
  names.forEach((name, option) => {
    if (seen[option] === 1) known.set(name, 0);
  });
  const mean = houses.reduce((sum, { row: { price, n } }) => sum + price * n, 0) / total;
  let residual = 0;
  let spread = 0;
  houses.forEach(({ row: { price, n } }, i) => {
    let sum = 0;
    for (const j of members[i]!) sum += prices[j]!;
    residual += n * (price - sum) ** 2;
    spread += n * (price - mean) ** 2;
  });
  return { known, residual, spread };
};

const by = <T>(rows: readonly T[], of: (row: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const own = groups.get(of(row));
    if (own) own.push(row);
    else groups.set(of(row), [row]);
  }
  return groups;
};

/**
 * What each option adds to the price of a house against the reference of its group, by model and week, from prices of
 * whole configurations: a catalogue would say it, too, but not what visitors were shown.
 * @param references most chosen option of each group
 * @returns surcharges in major units by cell and option; `additive` = share of the spread of prices that sums explain
 */
export const surchargesOf = (
  rows: readonly PriceRow[],
  references: ReadonlyMap<string, string>,
): { cells: Map<string, Map<string, number>>; additive: number | null } => {
  const { names, houses } = coded(rows, references);
  const cells = new Map<string, Map<string, number>>();
  let residual = 0;
  let spread = 0;
  for (const [model, own] of by(houses, ({ row }) => row.model)) {
    const pooled = fitPrices(own, names, new Map());
    for (const [week, some] of by(own, ({ row }) => row.week)) {
      const fit = fitPrices(some, names, pooled.known);
      // what this week does not tell is as it was in the others
      cells.set(cellKey(model, week), new Map([...pooled.known, ...fit.known]));
      residual += fit.residual;
      spread += fit.spread;
    }
  }
  return { cells, additive: spread > 0 ? Math.max(0, 1 - residual / spread) : null };
};
