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

/** @throws {StatisticsError} `BAD_SHAPE` for NaN; `BAD_COUNTS` unless 0 ≤ successes ≤ trials, both finite */
export const checkCounts = (successes: number, trials: number): void => {
  if (Number.isNaN(successes) || Number.isNaN(trials)) {
    throw new StatisticsError('BAD_SHAPE', 'successes and trials must be numbers');
  }
  if (!(successes >= 0 && trials >= successes && Number.isFinite(trials))) {
    throw new StatisticsError('BAD_COUNTS', `expected 0 ≤ successes ≤ trials, got ${successes} of ${trials}`);
  }
};

/** @throws {StatisticsError} `BAD_RANGE` unless 0 < level < 1 */
export const checkLevel = (level: number, name = 'level'): void => {
  if (!(level > 0 && level < 1))
    throw new StatisticsError('BAD_RANGE', `${name} must lie between 0 and 1, got ${level}`);
};

/** @throws {StatisticsError} `BAD_SHAPE` unless every value is a finite number */
export const checkNumbers = (values: readonly number[], name: string): void => {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new StatisticsError('BAD_SHAPE', `${name}[${bad}] must be a finite number, got ${values[bad]}`);
};

/** @throws {StatisticsError} `BAD_SHAPE` unless both have the same length */
export const checkSameLength = (
  first: ArrayLike<unknown>,
  second: ArrayLike<unknown>,
  names: string,
): void => {
  if (first.length !== second.length) {
    throw new StatisticsError(
      'BAD_SHAPE',
      `${names} must have the same length, got ${first.length} and ${second.length}`,
    );
  }
};

/** @throws {StatisticsError} `TOO_FEW` below `least` */
export const checkEnough = (n: number, least: number, what: string): void => {
  if (n < least) throw new StatisticsError('TOO_FEW', `needs at least ${least} ${what}, got ${n}`);
};

/** @throws {StatisticsError} `BAD_RANGE` unless an integer ≥ `least` */
export const checkWhole = (value: number, least: number, name: string): void => {
  if (!(Number.isInteger(value) && value >= least)) {
    throw new StatisticsError('BAD_RANGE', `${name} must be a whole number ≥ ${least}, got ${value}`);
  }
};

/** @throws {StatisticsError} `BAD_RANGE` unless > 0 and finite */
export const checkPositive = (value: number, name: string): void => {
  if (!(value > 0 && Number.isFinite(value))) {
    throw new StatisticsError('BAD_RANGE', `${name} must be positive, got ${value}`);
  }
};
