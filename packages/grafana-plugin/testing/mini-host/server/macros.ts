/** What a query was asked with; times as epoch milliseconds. */
export interface QueryRange {
  from: number;
  to: number;
  intervalMs: number;
}

/**
 * The macros this package uses, as the Go part of the ClickHouse data source expands them.
 * @throws {Error} for any other `$__…`: dashboards' variables do not reach a query's backend
 */
export const expandMacros = (sql: string, { from, to, intervalMs }: QueryRange): string =>
  sql.replace(/\$__(\w+)/g, (macro) => {
    switch (macro) {
      case '$__fromTime_ms':
        return `fromUnixTimestamp64Milli(${from})`;
      case '$__toTime_ms':
        return `fromUnixTimestamp64Milli(${to})`;
      case '$__interval_s':
        return String(Math.max(1, Math.floor(intervalMs / 1000)));
      default:
        throw new Error(`unknown macro ${macro}`);
    }
  });
