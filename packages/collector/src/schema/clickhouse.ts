/** Values bound to `{name:Type}`; arrays become ClickHouse array literals. Never pasted into the SQL. */
export type BoundValue = string | number | bigint | boolean | null | readonly (string | number)[];

export interface QueryOptions {
  parameters?: Readonly<Record<string, BoundValue>>;
  settings?: Readonly<Record<string, string | number>>;
  /** A twin that still runs is refused by ClickHouse (216). */
  queryId?: string;
  /** The outcome is unknown after it. Default 65 s. */
  timeoutMs?: number;
}

/** One user of one ClickHouse, over HTTP. */
export interface ClickHouse {
  readonly database: string;
  /** @throws {ClickHouseError} with ClickHouse's own code; {ClickHouseUnreachable} when the outcome is unknown */
  command(sql: string, options?: QueryOptions): Promise<void>;
  /** Rows of a SELECT without FORMAT. 64-bit integers arrive as numbers: cast hashes and batches with `toString`. */
  rows<Row>(sql: string, options?: QueryOptions): Promise<Row[]>;
  /** Bytes of a SELECT that names its FORMAT. */
  bytes(sql: string, options?: QueryOptions): AsyncIterable<Uint8Array>;
  /** `INSERT … FORMAT JSONEachRow` with a body; `gzip`: the body is one or more gzip members and is sent untouched. */
  insert(
    sql: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options?: QueryOptions & { gzip?: boolean },
  ): Promise<void>;
  ping(timeoutMs?: number): Promise<boolean>;
  close(): Promise<void>;
}
