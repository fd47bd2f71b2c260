import type { Static, TObject, TSchema } from '@sinclair/typebox';
import type { Clock } from '../clock.js';
import type { Experiment } from '../experiments/index.js';
import type { LedgerRow } from '../flush/index.js';
import type { Site } from '../sites.js';
import { otherCurrencies } from './currencies.js';
import { filtersIgnored } from './filters.js';

/** A value bound to a view's parameter; times as epoch ms. */
export type ViewParameter = string | number | readonly string[];

/**
 * Rows of a parameterized view. The caller adds nothing to the SQL: names and types come from the view's file.
 * @param columns of the view; all of them unless given. What nobody reads is not computed.
 * @param keepMs rows that were read up to so long ago will do, with the same parameters. For what is over: bounds of whole
 *   weeks or days, not of now. Such rows are shared, and frozen.
 */
export type ReadView = <Row>(
  view: string,
  parameters: Readonly<Record<string, ViewParameter>>,
  columns?: readonly string[],
  keepMs?: number,
) => Promise<Row[]>;

/** What every question is asked about. */
export interface Scope {
  site: Site;
  /** Epoch ms, half-open. */
  from: number;
  to: number;
  timeZone: string;
  device: readonly string[];
  channel: readonly string[];
  country: readonly string[];
  model: readonly string[];
  segment: string;
}

export interface Sources {
  readView: ReadView;
  /** Accepted = stored + buffered + dead-lettered, per site. */
  readLedger: () => Promise<LedgerRow[]>;
  /** Newest version of an experiment of the site. @throws {CollectorError} `NOT_FOUND` */
  readExperiment: (site: number, name: string) => Experiment;
  clock: Clock;
}

export interface Warning {
  code: string;
  text: string;
}

/** One of the sixteen: parameters beside the scope, the shape of its data, the view that an export streams. */
export interface Question<P extends TObject = TObject, D extends TSchema = TSchema> {
  name: string;
  summary: string;
  parameters: P;
  data: D;
  /** Why the answer is about everybody, whatever the filters; absent or null = they are kept. */
  ignoresFilters?: (parameters: Static<P>) => string | null;
  /** Adds up the money of the range, or of all that came before its end; absent = none. */
  money?: 'range' | 'history';
  /** Asked again and again by those who accept server-sent events, ms between two answers. */
  liveMs?: number;
  /** View and parameters of `format=csv|parquet|arrow`; `now` as epoch ms. */
  table: (
    scope: Scope,
    parameters: Static<P>,
    now: number,
  ) => { view: string; parameters: Record<string, ViewParameter> };
  ask: (
    scope: Scope,
    parameters: Static<P>,
    sources: Sources,
  ) => Promise<{ data: Static<D>; warnings?: Warning[] }>;
}

/** A question that says which filters had no effect, and which money is in another currency. */
export const defineQuestion = <P extends TObject, D extends TSchema>(
  question: Question<P, D>,
): Question<P, D> => ({
  ...question,
  ask: async (scope, parameters, sources) => {
    const { money } = question;
    const { readView, clock } = sources;
    const [{ data, warnings = [] }, others] = await Promise.all([
      question.ask(scope, parameters, sources),
      money
        ? otherCurrencies(readView, scope, { from: money === 'range' ? scope.from : 0, now: clock.now() })
        : [],
    ]);
    const why = question.ignoresFilters?.(parameters) ?? null;
    return { data, warnings: [...warnings, ...others, ...(why === null ? [] : filtersIgnored(scope, why))] };
  },
});

/** Parameters of all views: `P` and `F` of the catalogue of views. */
export const scopeParameters = (scope: Scope): Record<string, ViewParameter> => ({
  site: scope.site.id,
  from: scope.from,
  to: scope.to,
  tz: scope.timeZone,
  device: scope.device,
  channel: scope.channel,
  country: scope.country,
  model: scope.model,
  segment: scope.segment,
});
