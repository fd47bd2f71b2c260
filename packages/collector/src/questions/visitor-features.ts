/** What the view `visitor_features` tells of a visitor. */
export interface FeatureRow {
  recency_days: number;
  sessions: number;
  options: number;
  prices: number;
  saves: number;
  max_price: number;
  engaged_s: number;
  return_gap_days: number;
  inquired: number | boolean;
}
export const FEATURES = [
  'recency_days',
  'sessions',
  'options',
  'prices',
  'saves',
  'max_price',
  'engaged_s',
  'return_gap_days',
] as const;
const WIDTH = FEATURES.length;

/** What a high (low) mean of a feature is called. */
const WORDS: Record<(typeof FEATURES)[number], readonly [high: string, low: string]> = {
  recency_days: ['gone for long', 'here lately'],
  sessions: ['many visits', 'few visits'],
  options: ['tries many options', 'tries few options'],
  prices: ['watches prices', 'ignores prices'],
  saves: ['saves designs', 'saves nothing'],
  max_price: ['dear designs', 'cheap designs'],
  engaged_s: ['stays long', 'leaves soon'],
  return_gap_days: ['comes back after long', 'comes back at once'],
};

/** ln(1 + x), standardised, row after row in one array; a feature that never varies stays 0. */
export const standardisedFeatures = (rows: readonly FeatureRow[]): Float64Array => {
  const values = new Float64Array(rows.length * WIDTH);
  // by name: a key that varies is looked up each time
  rows.forEach((row, i) => {
    const at = i * WIDTH;
    values[at] = row.recency_days;
    values[at + 1] = row.sessions;
    values[at + 2] = row.options;
    values[at + 3] = row.prices;
    values[at + 4] = row.saves;
    values[at + 5] = row.max_price;
    values[at + 6] = row.engaged_s;
    values[at + 7] = row.return_gap_days;
  });
  FEATURES.forEach((_, j) => {
    let sum = 0;
    for (let at = j; at < values.length; at += WIDTH)
      sum += values[at] = Math.log1p(Math.max(0, values[at]!));
    const mean = sum / rows.length;
    let squares = 0;
    for (let at = j; at < values.length; at += WIDTH) squares += (values[at]! - mean) ** 2;
    const variance = squares / rows.length;
    const sd = variance > 0 ? Math.sqrt(variance) : 1;
    for (let at = j; at < values.length; at += WIDTH) values[at] = (values[at]! - mean) / sd;
  });
  return values;
};

/** The first visitors' standardised features, a list for each. */
export const firstPoints = (standardised: Float64Array, most: number): number[][] =>
  Array.from({ length: Math.min(most, standardised.length / WIDTH) }, (_, i) =>
    FEATURES.map((__, j) => standardised[i * WIDTH + j]!),
  );

/** Number of the centre that each visitor is nearest to. */
export const nearestCentres = (
  standardised: Float64Array,
  centres: readonly (readonly number[])[],
): Uint32Array => {
  const labels = new Uint32Array(standardised.length / WIDTH);
  for (let i = 0; i < labels.length; i++) {
    let least = Infinity;
    for (let c = 0; c < centres.length; c++) {
      const centre = centres[c]!;
      let distance = 0;
      for (let j = 0; j < WIDTH; j++) distance += (centre[j]! - standardised[i * WIDTH + j]!) ** 2;
      if (distance < least) {
        least = distance;
        labels[i] = c;
      }
    }
  }
  return labels;
};

/** The two features on which a group lies farthest from everybody. */
export const nameOf = (centroid: readonly number[]): string =>
  centroid
    .map((z, j) => ({ z, words: WORDS[FEATURES[j]!] }))
    .sort((p, q) => Math.abs(q.z) - Math.abs(p.z))
    .slice(0, 2)
    .map(({ z, words }) => words[z > 0 ? 0 : 1])
    .join(', ');
