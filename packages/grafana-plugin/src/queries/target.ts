/** Answer as a table; 0 would be a time series, which needs a time column. */
const TABLE = 1;

/** One query in the form of the official ClickHouse data source. */
export interface ClickHouseTarget {
  refId: string;
  rawSql: string;
  editorType: 'sql';
  format: number;
  pluginVersion: string;
}

export const target = (refId: string, rawSql: string): ClickHouseTarget => ({
  refId,
  rawSql,
  editorType: 'sql',
  format: TABLE,
  pluginVersion: '',
});

/** `A`, `B`, … for the different statements of some panels: equal ones are asked once. */
export const refIdsOf = (statements: readonly string[]): ReadonlyMap<string, string> =>
  new Map([...new Set(statements)].map((sql, index) => [sql, String.fromCharCode(65 + index)]));
