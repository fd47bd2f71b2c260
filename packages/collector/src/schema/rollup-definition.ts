/**
 * A cache of `events` by whole UTC days: one SELECT over `events` with the columns `day` and `ts` (of the event, or of
 * the quarter of an hour it lies in) and one WHERE at the start of a line.
 */
export interface RollupDefinition {
  name: string;
  select: string;
  orderBy: string;
  /** `visitor`: as long as raw events; `months`: aggregates without a person, 25 months. */
  keep: 'visitor' | 'months';
  /** Seconds that `ts` is cut to, null when it is the event's own. */
  grain: number | null;
  /**
   * The same columns, and `type`, of each event alone, as a question reads them that adds up anyway; null when the file
   * has no second SELECT. Such a question reads no more columns of an open day than it needs.
   */
  single: string | null;
  /** Name in `clean_days`; a changed SELECT gets another one, so that every day is dirty at once. */
  key: string;
}
