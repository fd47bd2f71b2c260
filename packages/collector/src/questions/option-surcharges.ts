import { inverse, Matrix } from 'ml-matrix';

/** A whole house, and what it cost in `n` sessions that ended with it. */
export interface PriceRow {
  week: string;
  model: string;
  parts: Record<string, string>;
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
/** Line of the view `configuration_ends`: one or the other. */
export interface EndRow {
  week: string;
  model: string;
  /** '' = a whole house */
  group: string;
  option: string;
  parts: Record<string, string>;
  visitors: number;
  n: number;
  price: number | null;
}

/** The two of them apart. */
export const choicesAndPrices = (rows: readonly EndRow[]): { choices: ChoiceRow[]; prices: PriceRow[] } => ({
  choices: rows
    .filter(({ group }) => group !== '')
    .map(({ week, model, group, option, visitors }) => ({ week, model, group, option, n: visitors })),
  prices: rows
    .filter(({ group }) => group === '')
    .map(({ week, model, parts, price, n }) => ({ week, model, parts, price: price!, n })),
});

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

/** Weighted least squares of price on options, pulled towards `expected` where the rows are silent. */
const fitPrices = (
  rows: readonly PriceRow[],
  references: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, number>,
): Fit => {
  const keysOf = ({ parts }: PriceRow): string[] =>
    Object.entries(parts).flatMap(([group, option]) =>
      references.has(group) && references.get(group) !== option ? [optionKey(group, option)] : [],
    );
  const columns = [...new Set(rows.flatMap(keysOf))].sort();
  const at = new Map(columns.map((key, j) => [key, j + 1]));
  const width = columns.length + 1;
  const total = rows.reduce((sum, { n }) => sum + n, 0);
  const normal = Matrix.eye(width).mul(RIDGE * total);
  const before = [0, ...columns.map((key) => expected.get(key) ?? 0)];
  const right = before.map((value) => RIDGE * total * value);
  const members = rows.map((row) => [0, ...keysOf(row).map((key) => at.get(key)!)]);
  rows.forEach(({ price, n }, i) => {
    for (const j of members[i]!) {
      right[j]! += n * price;
      for (const k of members[i]!) normal.set(j, k, normal.get(j, k) + n);
    }
  });
  const inner = inverse(normal);
  const prices = inner.mmul(Matrix.columnVector(right)).to1DArray();
  const known = new Map(
    columns
      .map((key, i) => ({ key, price: prices[i + 1]!, borrowed: RIDGE * total * inner.get(i + 1, i + 1) }))
      .filter(({ borrowed }) => borrowed <= MOST_BORROWED)
      .map(({ key, price }) => [key, price]),
  );
  for (const row of rows)
    for (const [group, option] of Object.entries(row.parts))
      if (references.get(group) === option) known.set(optionKey(group, option), 0);
  const mean = rows.reduce((sum, { price, n }) => sum + price * n, 0) / total;
  return {
    known,
    residual: rows.reduce(
      (sum, { price, n }, i) => sum + n * (price - members[i]!.reduce((own, j) => own + prices[j]!, 0)) ** 2,
      0,
    ),
    spread: rows.reduce((sum, { price, n }) => sum + n * (price - mean) ** 2, 0),
  };
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
  const cells = new Map<string, Map<string, number>>();
  let residual = 0;
  let spread = 0;
  for (const model of new Set(rows.map((row) => row.model))) {
    const own = rows.filter((row) => row.model === model);
    const pooled = fitPrices(own, references, new Map());
    for (const week of new Set(own.map((row) => row.week))) {
      const some = own.filter((row) => row.week === week);
      const fit = fitPrices(some, references, pooled.known);
      // what this week does not tell is as it was in the others
      cells.set(cellKey(model, week), new Map([...pooled.known, ...fit.known]));
      residual += fit.residual;
      spread += fit.spread;
    }
  }
  return { cells, additive: spread > 0 ? Math.max(0, 1 - residual / spread) : null };
};
