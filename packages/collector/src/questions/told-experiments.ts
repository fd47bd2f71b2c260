import { CollectorError } from '../errors.js';
import type { Experiment } from '../experiments/index.js';
import { readExperimentDays } from './experiment-reading.js';
import { KEEP_MS } from './intervals.js';
import { priceExperimentsOf, type ArmRow, type PriceExperiment } from './price-experiments.js';
import type { Scope, Sources, Warning } from './question.js';

interface Told {
  told: PriceExperiment[];
  warnings: Warning[];
}

/** Its newest version with its end; null while it runs, and where nobody planned it: who saw which arm may not have been chance. */
const ended = (
  name: string,
  site: number,
  { readExperiment, clock }: Pick<Sources, 'readExperiment' | 'clock'>,
): { experiment: Experiment; end: number } | null => {
  try {
    const experiment = readExperiment(site, name);
    const end = experiment.ended ?? experiment.endsAt;
    return end !== null && end <= clock.now() ? { experiment, end } : null;
  } catch (error) {
    if (error instanceof CollectorError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
};

/** A new version is a new experiment. Pages that tell no version take part where no older one can have been meant. */
const ofVersion = (rows: readonly ArmRow[], { name, version, started }: Experiment, from: number): ArmRow[] =>
  rows.filter(
    (row) =>
      row.experiment === name &&
      (row.version === version || (row.version === 0 && (version === 1 || from >= (started ?? Infinity)))),
  );

/**
 * Experiments with prices of which something may be said, by the rules of question 12: nothing while one runs, nothing
 * while its split is not explained, nothing of one that was stopped before its plan with no bound crossed.
 */
export const toldExperiments = async (
  rows: readonly ArmRow[],
  scope: Scope,
  sources: Pick<Sources, 'readView' | 'readExperiment' | 'clock'>,
): Promise<Told> => {
  const names = [...new Set(rows.map(({ experiment }) => experiment))].sort();
  const all = await Promise.all(
    names.map(async (name): Promise<Told> => {
      const over = ended(name, scope.site.id, sources);
      const told = over ? priceExperimentsOf(ofVersion(rows, over.experiment, scope.from)) : [];
      if (!over || told.length === 0) return { told: [], warnings: [] };
      const { metric, horizonDays, splitReason } = over.experiment;
      const { blocked, early, split } = await readExperimentDays(sources.readView, over.experiment, {
        site: scope.site.id,
        now: over.end,
        metric,
        horizonDays,
        keepMs: KEEP_MS,
      });
      const warn = (code: string, text: string): Warning[] => [{ code, text: `${name}: ${text}` }];
      if (blocked)
        return {
          told: [],
          warnings: warn(
            'SPLIT',
            'the split is not the planned one: its elasticity waits until that is explained',
          ),
        };
      if (early)
        return {
          told: [],
          warnings: warn('TOO_EARLY', 'it was stopped before its planned end: too early to say'),
        };
      return {
        told,
        warnings:
          split.verdict === 'block' ? warn('SPLIT', `the split is not the planned one: ${splitReason}`) : [],
      };
    }),
  );
  return { told: all.flatMap(({ told }) => told), warnings: all.flatMap(({ warnings }) => warnings) };
};
