import { Type } from '@sinclair/typebox';
import { EstimateSchema, rateEstimate } from './estimate.js';
import { checksOf, missingOf, over, scoreOf } from './quality-checks.js';
import { defineQuestion, scopeParameters } from './question.js';

const DAY_S = 86_400;

interface QualityRow {
  time: string;
  stored: number;
  bots: number;
  without_visitor: number;
  consent_none: number;
  late: number;
  skewed: number;
  duplicates: number;
  lag_p95_s: number | null;
}
interface CaptureRow {
  by_key: string;
  streams: number;
  generated: number;
  stored: number;
}

const sum = <T>(rows: readonly T[], of: (row: T) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

export const dataQuality = defineQuestion({
  name: 'data-quality',
  summary: "May I believe today's numbers?",
  parameters: Type.Object({
    by: Type.Union(
      ['', 'browser', 'sdk', 'device'].map((name) => Type.Literal(name)),
      { default: '', description: 'splits the capture rate' },
    ),
  }),
  data: Type.Object({
    score: Type.Number({ description: '0…100' }),
    captureRate: EstimateSchema,
    streams: Type.Object({ streams: Type.Number(), generated: Type.Number(), stored: Type.Number() }),
    captureBy: Type.Array(
      Type.Object({
        key: Type.String(),
        streams: Type.Number(),
        generated: Type.Number(),
        stored: Type.Number(),
        rate: EstimateSchema,
      }),
    ),
    checks: Type.Array(
      Type.Object({
        check: Type.String(),
        value: Type.Number(),
        limit: Type.Number(),
        effect: Type.String(),
      }),
    ),
    ledger: Type.Object({
      accepted: Type.Number(),
      stored: Type.Number(),
      buffered: Type.Number(),
      deadLettered: Type.Number(),
      difference: Type.Number({ description: '0 at a quiet moment' }),
    }),
    refused: Type.Array(Type.Object({ reason: Type.String(), n: Type.Number() })),
    dropped: Type.Array(Type.Object({ reason: Type.String(), n: Type.Number() }), {
      description: 'what browsers gave up, by reason',
    }),
  }),
  ignoresFilters: () => 'all that was sent is held against what arrived',
  table: (scope, { by }) => ({
    view: 'capture_rate',
    parameters: { ...scopeParameters(scope), by, step: DAY_S },
  }),
  ask: async (scope, { by }, { readView, readLedger }) => {
    const all = { ...scopeParameters(scope), step: DAY_S };
    const [quality, streams, refused, dropped, ledger] = await Promise.all([
      readView<QualityRow>('data_quality', all),
      readView<CaptureRow>('capture_rate', { ...all, by }),
      readView<{ reason: string; n: number }>('rejects', all),
      readView<{ reason: string; n: number }>('sdk_dropped', all),
      readLedger(),
    ]);
    // a row stored twice has a check of its own, which blocks; it must not make up for one that is missing
    const capture = streams.map((row) => ({ ...row, stored: Math.min(row.stored, row.generated) }));
    const stored = sum(quality, (row) => row.stored);
    const share = (of: (row: QualityRow) => number): number => (stored > 0 ? sum(quality, of) / stored : 0);
    const generated = sum(capture, (row) => row.generated);
    const kept = sum(capture, (row) => row.stored);
    const consentFree = share((row) => row.consent_none);
    const method = consentFree > 0 ? 'streams, upper bound: some pages had no consent' : 'streams';
    const own = ledger.find((row) => row.site === scope.site.id);
    const books = {
      accepted: own?.accepted ?? 0,
      stored: own?.stored ?? 0,
      buffered: own?.buffered ?? 0,
      deadLettered: own?.deadLettered ?? 0,
      difference: own?.difference ?? 0,
    };
    const totals = {
      stored,
      bots: sum(quality, (row) => row.bots),
      without_visitor: sum(quality, (row) => row.without_visitor),
      late: sum(quality, (row) => row.late),
      skewed: sum(quality, (row) => row.skewed),
      duplicates: sum(quality, (row) => row.duplicates),
      generated,
      captured: kept,
    };
    const checks = [...checksOf(totals), over('ledger_difference', Math.abs(books.difference), 0, 'widens')];
    const byKey = new Map<string, CaptureRow>();
    for (const row of capture) {
      const known = byKey.get(row.by_key) ?? { by_key: row.by_key, streams: 0, generated: 0, stored: 0 };
      byKey.set(row.by_key, {
        by_key: row.by_key,
        streams: known.streams + row.streams,
        generated: known.generated + row.generated,
        stored: known.stored + row.stored,
      });
    }
    return {
      data: {
        score: scoreOf(checks, missingOf(totals)),
        captureRate: rateEstimate(kept, generated, undefined, method),
        streams: { streams: sum(capture, (row) => row.streams), generated, stored: kept },
        captureBy:
          by === ''
            ? []
            : [...byKey.values()].map((row) => ({
                key: row.by_key,
                streams: row.streams,
                generated: row.generated,
                stored: row.stored,
                rate: rateEstimate(row.stored, row.generated, undefined, method),
              })),
        checks,
        ledger: books,
        refused: totalsByReason(refused),
        dropped: totalsByReason(dropped),
      },
    };
  },
});

const totalsByReason = (rows: readonly { reason: string; n: number }[]): { reason: string; n: number }[] => {
  const totals = new Map<string, number>();
  for (const { reason, n } of rows) totals.set(reason, (totals.get(reason) ?? 0) + n);
  return [...totals].map(([reason, n]) => ({ reason, n })).sort((p, q) => q.n - p.n);
};
