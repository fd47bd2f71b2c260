export type StatisticsErrorCode =
  | 'BAD_COUNTS'
  | 'BAD_RANGE'
  | 'BAD_SHAPE'
  | 'TOO_FEW'
  | 'NOT_CONVERGED'
  | 'SINGULAR'
  | 'UNIT_MISMATCH'
  | 'DEPENDENT';

/** The one error of this room; `code` says which rule the input broke. */
export class StatisticsError extends Error {
  readonly code: StatisticsErrorCode;
  constructor(code: StatisticsErrorCode, message: string) {
    super(message);
    this.name = 'StatisticsError';
    this.code = code;
  }
}

/** @throws {StatisticsError} `BAD_COUNTS` unless 0 ≤ successes ≤ trials, both finite */
export const checkCounts = (successes: number, trials: number): void => {
  if (!(successes >= 0 && trials >= successes && Number.isFinite(trials))) {
    throw new StatisticsError('BAD_COUNTS', `expected 0 ≤ successes ≤ trials, got ${successes} of ${trials}`);
  }
};

/** @throws {StatisticsError} `BAD_RANGE` unless 0 < level < 1 */
export const checkLevel = (level: number): void => {
  if (!(level > 0 && level < 1))
    throw new StatisticsError('BAD_RANGE', `level must lie between 0 and 1, got ${level}`);
};
