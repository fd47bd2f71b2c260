/** Codes of everything the collector throws on purpose; `admin/` and `ingest/` map them to a status in one place. */
export type ErrorCode =
  | 'BAD_SETTINGS'
  | 'BAD_PARAMETER'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'BUSY'
  | 'BUFFER_UNAVAILABLE'
  | 'BUFFER_FULL'
  | 'STALE_FENCE'
  | 'CLICKHOUSE'
  | 'CLICKHOUSE_UNREACHABLE'
  | 'MIGRATION_CHANGED'
  | 'SCHEMA_TOO_NEW'
  | 'BACKUP_REFUSED'
  | 'RESTORE_UNFINISHED';

export class CollectorError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The boot stops with exit 78 and this one line. */
export class BadSettings extends CollectorError {
  constructor(message: string) {
    super('BAD_SETTINGS', message);
  }
}

/** A query parameter or path the caller can mend. @param allowed values or the limit, in words */
export class BadParameter extends CollectorError {
  readonly parameter: string;
  constructor(parameter: string, message: string) {
    super('BAD_PARAMETER', message);
    this.parameter = parameter;
  }
}

/** Nothing may be acknowledged. `outcome: 'unknown'` = the write may have happened; repeating it is safe. */
export class BufferUnavailable extends CollectorError {
  readonly outcome: 'refused' | 'unknown';
  constructor(
    message: string,
    outcome: 'refused' | 'unknown',
    options?: ErrorOptions,
    code: 'BUFFER_UNAVAILABLE' | 'BUFFER_FULL' = 'BUFFER_UNAVAILABLE',
  ) {
    super(code, message, options);
    this.outcome = outcome;
  }
}

/** The buffer holds as much as it may: nothing was written. */
export class BufferFull extends BufferUnavailable {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'refused', options, 'BUFFER_FULL');
  }
}

/** Another flusher holds the shard by now. */
export class StaleFence extends CollectorError {
  constructor(message: string) {
    super('STALE_FENCE', message);
  }
}

/** A backup cannot be made or restored as asked; nothing was changed. The message is one line for a person. */
export class BackupRefused extends CollectorError {
  constructor(message: string, options?: ErrorOptions) {
    super('BACKUP_REFUSED', message, options);
  }
}

/** ClickHouse answered with an exception. `number` is ClickHouse's own code, 0 when it named none. */
export class ClickHouseError extends CollectorError {
  readonly number: number;
  constructor(number: number, message: string) {
    super('CLICKHOUSE', message);
    this.number = number;
  }
}

/** No answer from ClickHouse: outcome unknown. */
export class ClickHouseUnreachable extends CollectorError {
  constructor(message: string, options?: ErrorOptions) {
    super('CLICKHOUSE_UNREACHABLE', message, options);
  }
}
