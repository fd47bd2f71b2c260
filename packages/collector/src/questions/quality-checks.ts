/** What was stored of a range, and what is wrong with it. */
export interface QualityTotals {
  stored: number;
  bots: number;
  without_visitor: number;
  late: number;
  skewed: number;
  /** Rows that are stored twice: never. */
  duplicates: number;
  /** By what the pages said themselves, and what arrived of it. */
  generated: number;
  captured: number;
}

/** `widens` doubles the width of intervals, `blocks` makes answers insufficient. */
export type Effect = 'none' | 'widens' | 'blocks';
export interface Check {
  check: string;
  value: number;
  limit: number;
  effect: Effect;
}

/** Share of the events that may be missing before intervals widen, and before nothing may be inferred. */
export const MISSING = { widens: 0.01, blocks: 0.1 };

/** @param effect of a value above the limit */
export const over = (check: string, value: number, limit: number, effect: Effect): Check => ({
  check,
  value,
  limit,
  effect: value > limit ? effect : 'none',
});

export const missingOf = ({ generated, captured }: Pick<QualityTotals, 'generated' | 'captured'>): number =>
  generated > 0 ? 1 - captured / generated : 0;

/** What question 16 asks of the rows of a range. */
export const checksOf = (totals: QualityTotals): Check[] => {
  const { stored, bots, late, skewed, without_visitor, duplicates } = totals;
  const share = (n: number): number => (stored > 0 ? n / stored : 0);
  const missing = missingOf(totals);
  return [
    {
      check: 'capture_loss',
      value: missing,
      limit: MISSING.widens,
      effect: missing > MISSING.blocks ? 'blocks' : missing > MISSING.widens ? 'widens' : 'none',
    },
    over('bot_share', share(bots), 0.2, 'widens'),
    // rows that lay in an outbox are late, and as good as others
    over('late_share', share(late), 0.2, 'none'),
    // times ahead of the clock are set back to their arrival, by as much as is kept as skew: the future is counted here
    over('clock_skew_share', share(skewed), 0.05, 'widens'),
    over('without_visitor_share', share(without_visitor), 0.5, 'widens'),
    over('duplicates', duplicates, 0, 'blocks'),
  ];
};

/** 100 · Π(1 − penalty): a blocking check costs half; any other above its limit a tenth, also where intervals stay. */
const penaltyOf = ({ value, limit, effect }: Check): number =>
  effect === 'blocks' ? 0.5 : value > limit ? 0.1 : 0;

/** 0 … 100, one decimal. */
export const scoreOf = (checks: readonly Check[], missing: number): number =>
  Math.round(1000 * checks.reduce((score, check) => score * (1 - penaltyOf(check)), 1) * (1 - missing)) / 10;
