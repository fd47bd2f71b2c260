import { Type, type Static, type TObject } from '@sinclair/typebox';
import type { Clock } from '../../clock.js';
import {
  gateAnswer,
  needsOf,
  QUESTIONS,
  scopeParameters,
  segmentUnknown,
  type QualityTotals,
  type Question,
  type ReadView,
  type Sources,
} from '../../questions/index.js';
import { wholeDays } from '../../questions/intervals.js';
import type { Sites } from '../../sites.js';
import { defineRoute, type Route } from '../route.js';
import { resolveScope, ScopeParameters } from '../scope.js';
import { EXPORT_FORMATS, exportStream, type ReadBytes } from '../export.js';

export interface AnalyticsOptions {
  sites: Sites;
  clock: Clock;
  readView: ReadView;
  /** Bytes of a view in one of ClickHouse's formats. */
  readBytes: ReadBytes;
  readLedger: Sources['readLedger'];
  readExperiment: Sources['readExperiment'];
}

const Format = Type.Object({
  format: Type.Union(
    ['json', ...EXPORT_FORMATS].map((format) => Type.Literal(format)),
    { default: 'json', description: 'json = the answer; the others stream its table' },
  ),
});

const answerOf = (question: Question) =>
  Type.Object({
    question: Type.Literal(question.name),
    site: Type.String(),
    from: Type.String(),
    to: Type.String(),
    timeZone: Type.String(),
    asOf: Type.String(),
    freshnessSeconds: Type.Union([Type.Number(), Type.Null()], {
      description: 'age of the newest event; null after two quiet days',
    }),
    warnings: Type.Array(Type.Object({ code: Type.String(), text: Type.String() })),
    data: question.data,
  });

/** A page asks many questions in one moment. */
const MOMENT_MS = 1000;

type Parameters = Static<typeof ScopeParameters> & Static<typeof Format>;

/**
 * The scope's parameters. One of the question's own hides the filter of the same name: attribution's `model` is how it
 * counts, not a house.
 */
const scopeOf = (parameters: Parameters, own: TObject): Parameters => ({
  ...parameters,
  ...Object.fromEntries(
    Object.keys(ScopeParameters.properties)
      .filter((name) => name in own.properties)
      .map((name) => [name, ['*']]),
  ),
});

const route = (
  question: Question,
  { sites, clock, readView, readBytes, readLedger, readExperiment }: AnalyticsOptions,
): Route => {
  const own = question.parameters as TObject;
  const query = Type.Object({ ...ScopeParameters.properties, ...own.properties, ...Format.properties });
  return defineRoute({
    method: 'get',
    path: `/api/admin/analytics/${question.name}`,
    permission: 'analytics.read',
    summary: question.summary,
    query,
    answer: answerOf(question),
    ...(question.liveMs === undefined ? {} : { liveMs: question.liveMs }),
    formats: ['text/csv', 'application/vnd.apache.parquet', 'application/vnd.apache.arrow.stream'],
    handle: async ({ query: parameters }, { token }) => {
      const scope = resolveScope(scopeOf(parameters, own), sites, token, clock);
      if (parameters.format !== 'json') {
        const { view, parameters: bound } = question.table(scope, parameters, clock.now());
        return exportStream({
          name: question.name,
          scope,
          view,
          parameters: bound,
          format: parameters.format,
          readBytes,
        });
      }
      const [answer, [age], [quality], unknown] = await Promise.all([
        question.ask(scope, parameters, { readView, readLedger, readExperiment, clock }),
        readView<{ age_s: number }>('freshness', { site: scope.site.id }, undefined, MOMENT_MS),
        readView<QualityTotals & { days: number }>(
          'quality_days',
          { ...scopeParameters(scope), ...wholeDays(scope) },
          undefined,
          MOMENT_MS,
        ),
        segmentUnknown(readView, scope),
      ]);
      // the question about the data says itself how far they may be believed
      const gated =
        question.name === 'data-quality'
          ? { data: answer.data, warnings: [] }
          : gateAnswer(answer.data, quality && quality.days > 0 ? quality : null, question.data);
      return {
        question: question.name,
        site: String(scope.site.id),
        from: new Date(scope.from).toISOString(),
        to: new Date(scope.to).toISOString(),
        timeZone: scope.timeZone,
        asOf: new Date(clock.now()).toISOString(),
        freshnessSeconds: age?.age_s ?? null,
        // what lacks visitors is told of the answer as it was asked: data that are blocked would hide it
        warnings: [...unknown, ...(answer.warnings ?? []), ...needsOf(answer.data), ...gated.warnings],
        data: gated.data,
      };
    },
  });
};

/** One route per question. */
export const analyticsRoutes = (options: AnalyticsOptions): Route[] =>
  QUESTIONS.map((question) => route(question, options));
