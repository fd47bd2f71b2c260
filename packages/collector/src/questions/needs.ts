import type { Estimate } from './estimate.js';
import type { Warning } from './question.js';

/** Fewest of what, by the method that lacked it. Methods that have a warning of their own are not listed. */
const NEEDS: readonly { method: RegExp; fewest: number; unit: string }[] = [
  ...[
    'leads',
    'customers',
    'sessions',
    'passages',
    'choices',
    'price jumps',
    'closed forecasts',
    'page instances',
  ].map((unit) => ({ method: new RegExp(`^(jeffreys|eb-beta), .*${unit}`), fewest: 20, unit })),
  { method: /^(jeffreys|eb-beta)/, fewest: 20, unit: 'visitors' },
  { method: /^kaplan-meier/, fewest: 20, unit: 'still at risk' },
  { method: /^dirichlet/, fewest: 30, unit: 'visitors' },
  { method: /^order statistics/, fewest: 30, unit: 'measurements' },
  { method: /^theil-sen/, fewest: 8, unit: 'whole weeks' },
  { method: /^cross-correlation/, fewest: 8, unit: 'whole weeks' },
  { method: /^relative change/, fewest: 20, unit: 'visitors an arm at a look' },
  { method: /^ratio of shares/, fewest: 20, unit: 'visitors in each group' },
  { method: /^hazard × value/, fewest: 3, unit: 'orders' },
  { method: /^conditional logit/, fewest: 30, unit: 'visitors who chose' },
  { method: /^bootstrap/, fewest: 20, unit: 'conversions' },
  { method: /^gamma-poisson/, fewest: 5, unit: 'conversions' },
  { method: /^(streams)/, fewest: 20, unit: 'events' },
];
/** A list of needs is read by a person. */
const MOST = 6;

export const isEstimate = (value: object): value is Estimate =>
  'quality' in value && 'method' in value && 'n' in value;

const collect = (value: unknown, path: string, into: Map<string, Estimate[]>): void => {
  if (value === null || typeof value !== 'object') return;
  if (isEstimate(value)) {
    into.set(path, [...(into.get(path) ?? []), value]);
    return;
  }
  for (const [key, inner] of Object.entries(value))
    collect(inner, Array.isArray(value) ? `${path}[]` : path === '' ? key : `${path}.${key}`, into);
};

/** What would be needed where the data could not carry an answer: "7 of the 20 visitors needed". */
export const needsOf = (data: unknown): Warning[] => {
  const found = new Map<string, Estimate[]>();
  collect(data, '', found);
  return [...found]
    .flatMap(([path, estimates]) => {
      const short = estimates.flatMap((estimate) => {
        const need = NEEDS.find(({ method }) => method.test(estimate.method));
        return estimate.quality === 'insufficient' && need && estimate.n < need.fewest
          ? [{ n: estimate.n, need }]
          : [];
      });
      if (short.length === 0) return [];
      const { n, need } = short[0]!;
      const text =
        estimates.length === 1
          ? `${path}: ${n} of the ${need.fewest} ${need.unit} needed`
          : `${path}: ${short.length} of ${estimates.length} have fewer than the ${need.fewest} ${need.unit} needed`;
      return [{ code: 'INSUFFICIENT', text }];
    })
    .slice(0, MOST);
};
