import { Type } from '@sinclair/typebox';
import { betaInterval, type BetaPrior } from '../statistics/index.js';
import { BundleSchema, bundlesOf, FEWEST_TOGETHER, type PairRow } from './bundles.js';
import { readOfConfigurations, truncationOf, type Configurations } from './configurations.js';
import { EstimateSchema, rateEstimate } from './estimate.js';
import { KEEP_MS, wholeDays } from './intervals.js';
import { noData } from './no-data.js';
import { empiricalPrior } from './prior.js';
import { defineQuestion, scopeParameters } from './question.js';
import { shareEstimate } from './share.js';

/** Line of the view `configurations_built`. */
interface BuiltRow {
  config: string;
  visitors: number;
  inquiries: number;
  /** With how many visitors it was the last. */
  ended: number;
  price: number | null;
}

/** The most frequent ones, among which the ranking looks. */
const RANKED = 1000;
const JEFFREYS: BetaPrior = { a: 0.5, b: 0.5 };
/** Share of common options from which two configurations count as nearly the same. */
const NEAR = 0.8;
const DISCOUNT = 0.05;

const jaccard = (a: Record<string, string>, b: Record<string, string>): number => {
  const left = Object.entries(a).map(([group, option]) => `${group}=${option}`);
  const right = new Set(Object.entries(b).map(([group, option]) => `${group}=${option}`));
  const common = left.filter((pair) => right.has(pair)).length;
  return common / (left.length + right.size - common || 1);
};

/**
 * With which options visitors ended, as shares of all who ended with one of the group, pulled towards equal ones; most
 * frequent first.
 */
const sharesOf = (rows: readonly BuiltRow[], configurations: Configurations) => {
  const groups = new Map<string, Map<string, number>>();
  for (const { config, ended } of rows) {
    if (ended === 0) continue;
    const parts = configurations.get(config)?.parts ?? {};
    for (const group in parts) {
      let options = groups.get(group);
      if (!options) groups.set(group, (options = new Map()));
      const option = parts[group]!;
      options.set(option, (options.get(option) ?? 0) + ended);
    }
  }
  return [...groups]
    .sort(([p], [q]) => (p < q ? -1 : 1))
    .flatMap(([group, options]) => {
      const total = [...options.values()].reduce((sum, n) => sum + n, 0);
      return [...options]
        .sort(([p, m], [q, n]) => n - m || (p < q ? -1 : 1))
        .map(([option, n]) => ({ group, option, n, share: shareEstimate(n, total, 1 / options.size) }));
    });
};

export const popularConfigs = defineQuestion({
  name: 'popular-configs',
  summary: 'Which houses do people build, and which make them ask?',
  parameters: Type.Object({
    limit: Type.Integer({
      minimum: 1,
      maximum: 200,
      default: 50,
      description: 'configurations in the answer',
    }),
    discount: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 0.5,
        description: `off the price of two options that are sold as a bundle; ${DISCOUNT} unless given`,
      }),
    ),
  }),
  data: Type.Object({
    configs: Type.Array(
      Type.Object({
        config: Type.String({ description: 'hash of the options' }),
        model: Type.String(),
        options: Type.Record(Type.String(), Type.String()),
        visitors: Type.Number(),
        inquiries: Type.Number(),
        rate: EstimateSchema,
        rank: Type.Number({ description: 'by the lower bound of the 80 % interval' }),
        price: Type.Union([Type.Number(), Type.Null()]),
        nearest: Type.Optional(
          Type.String({ description: 'a better ranked configuration with nearly the same options' }),
        ),
      }),
    ),
    shares: Type.Array(
      Type.Object({ group: Type.String(), option: Type.String(), n: Type.Number(), share: EstimateSchema }),
    ),
    bundles: Type.Array(BundleSchema, {
      description: 'options of two groups that are surely chosen together more often than by chance',
    }),
  }),
  table: (scope) => ({ view: 'popular_configs', parameters: scopeParameters(scope) }),
  ask: async (scope, { limit, discount }, { readView }) => {
    const [[built, configurations, shares], pairs, surcharges] = await Promise.all([
      // counted while the database still works on the others
      readOfConfigurations<BuiltRow>(readView, scope, 'configurations_built').then(
        ([rows, found]) => [rows, found, sharesOf(rows, found)] as const,
      ),
      readView<PairRow>('option_pairs', { ...scopeParameters(scope), min: FEWEST_TOGETHER }),
      // a price is the same all day
      readView<{ option_id: string; surcharge: number }>(
        'option_surcharges',
        { ...scopeParameters(scope), ...wholeDays(scope) },
        ['option_id', 'surcharge'],
        KEEP_MS,
      ),
    ]);
    const rows = built.slice(0, RANKED);
    const found = empiricalPrior(
      rows.map((row) => ({ key: row.config, successes: row.inquiries, trials: row.visitors })),
    );
    const prior = found ?? JEFFREYS;
    const method = found ? 'eb-beta' : 'jeffreys';
    // most configurations have the same few counts
    const bounds = new Map<string, number>();
    const lowerOf = ({ inquiries, visitors }: BuiltRow): number => {
      const key = `${inquiries}/${visitors}`;
      const lower = bounds.get(key) ?? betaInterval(inquiries, visitors, { ...prior, level: 0.8 }).lo;
      bounds.set(key, lower);
      return lower;
    };
    const ranked = rows
      .map((row) => ({ row, lower: lowerOf(row) }))
      .sort(
        (p, q) =>
          q.lower - p.lower || q.row.visitors - p.row.visitors || (p.row.config < q.row.config ? -1 : 1),
      )
      .slice(0, limit)
      .map(({ row }) => ({
        row,
        ...(configurations.get(row.config) ?? { model: '', parts: {} }),
        rate: rateEstimate(row.inquiries, row.visitors, prior, method),
      }));
    return {
      data: {
        configs: ranked.map(({ row, model, parts, rate }, index) => {
          const nearest = ranked
            .slice(0, index)
            .find((other) => other.model === model && jaccard(other.parts, parts) >= NEAR);
          return {
            config: row.config,
            model,
            options: { ...parts },
            visitors: row.visitors,
            inquiries: row.inquiries,
            rate,
            rank: index + 1,
            price: row.price,
            ...(nearest ? { nearest: nearest.row.config } : {}),
          };
        }),
        shares,
        bundles: bundlesOf(
          pairs,
          new Map(surcharges.map(({ option_id, surcharge }) => [option_id, surcharge])),
          discount ?? DISCOUNT,
        ),
      },
      warnings: built.length > 0 ? truncationOf(built) : [noData(scope, 'configuration')],
    };
  },
});
