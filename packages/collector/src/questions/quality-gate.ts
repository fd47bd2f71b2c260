import type { TSchema } from '@sinclair/typebox';
import type { Estimate } from './estimate.js';
import { withoutInferred } from './inferred.js';
import { isEstimate } from './needs.js';
import { checksOf, MISSING, type Check, type QualityTotals } from './quality-checks.js';
import type { Warning } from './question.js';

/** Below this a share of what is wrong says nothing, and nothing is inferred anyway. */
const FEWEST_EVENTS = 20;
const WIDER = 2;

/** Estimates under these names are shares: however uncertain, between 0 and 1. */
const SHARES = new Set([
  'again',
  'bounceRate',
  'bounded',
  'captureRate',
  'challenger',
  'control',
  'converted',
  'coverage80',
  'coverage95',
  'inquiryRate',
  'leaves',
  'left',
  'leftAfter',
  'observed',
  'overall',
  'pOrder',
  'pRecover',
  'rate',
  'share',
  'unbounded',
]);
/** Under these they are amounts: not below 0. */
const AMOUNTS = new Set(['cacRatio', 'conversions', 'expected', 'lift', 'p75', 'perLead', 'ratio', 'value']);

const percent = (value: number): string => `${(100 * value).toFixed(1).replace(/\.0$/, '')} %`;

const WORDS: Readonly<Record<string, string>> = {
  bot_share: 'of the events are from robots',
  clock_skew_share: 'of the events have a clock that is off',
  without_visitor_share: 'of the events belong to no visitor',
};

const textOf = ({ check, value, limit, effect }: Check): string => {
  if (check === 'duplicates') return `${value} rows are stored twice: nothing is inferred from this range`;
  if (check === 'capture_loss')
    return effect === 'blocks'
      ? `${percent(1 - value)} of the generated events arrived, ${percent(1 - MISSING.blocks)} are needed: nothing is inferred from this range`
      : `${percent(1 - value)} of the generated events arrived, below ${percent(1 - limit)}: intervals are twice as wide`;
  return `${percent(value)} ${WORDS[check] ?? check}, above ${percent(limit)}: intervals are twice as wide`;
};

const widened = (estimate: Estimate, name: string): Estimate => {
  const { value, lo, hi } = estimate;
  if (value === null || lo === null || hi === null) return estimate;
  const least = (SHARES.has(name) || AMOUNTS.has(name)) && lo >= 0 ? 0 : -Infinity;
  const most = SHARES.has(name) && hi <= 1 ? 1 : Infinity;
  const wide = {
    lo: Math.max(least, value - WIDER * (value - lo)),
    hi: Math.min(most, value + WIDER * (hi - value)),
  };
  return {
    ...estimate,
    ...wide,
    method: `${estimate.method}, widened for data quality`,
    quality: wide.hi - wide.lo > Math.abs(value) ? 'low_n' : estimate.quality,
  };
};

const blocked = (estimate: Estimate): Estimate => ({
  ...estimate,
  value: null,
  lo: null,
  hi: null,
  method: `${estimate.method}, blocked by data quality`,
  quality: 'insufficient',
});

const walk = (value: unknown, name: string, change: (one: Estimate, name: string) => Estimate): unknown => {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((inner) => walk(inner, name, change));
  const own = isEstimate(value) ? change(value, name) : value;
  return Object.fromEntries(
    Object.entries(own).map(([key, inner]) => [key, walk(inner, key, change)] as const),
  );
};

/**
 * What the data of the range allow to be said: where a check widens, intervals are twice as wide; where one blocks, no
 * estimate is left, nor any other number that was inferred. Counts of what happened stay.
 * @param schema of the data, which says what was inferred   @param totals null = not counted yet: nothing is known against the data
 */
export const gateAnswer = <D>(
  data: D,
  totals: QualityTotals | null,
  schema: TSchema,
): { data: D; warnings: Warning[] } => {
  if (totals === null || Math.max(totals.stored, totals.generated) < FEWEST_EVENTS)
    return { data, warnings: [] };
  const checks = checksOf(totals).filter(({ effect }) => effect !== 'none');
  if (checks.length === 0) return { data, warnings: [] };
  const blocks = checks.filter(({ effect }) => effect === 'blocks');
  const gated =
    blocks.length > 0
      ? withoutInferred(walk(data, '', blocked) as D, schema)
      : (walk(data, '', widened) as D);
  return {
    data: gated,
    warnings: (blocks.length > 0 ? blocks : checks).map((check) => ({
      code: 'DATA_QUALITY',
      text: textOf(check),
    })),
  };
};
