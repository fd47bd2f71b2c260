import { Pool, type Dispatcher } from 'undici';
import { ClickHouseError, ClickHouseUnreachable } from '../errors.js';
import { encodeParameter, parametersOf } from './bound-parameters.js';
import { exceptionInTail, refusal } from './exception.js';

/** Values bound to `{name:Type}`; arrays become ClickHouse array literals. Never pasted into the SQL. */
export type BoundValue = string | number | bigint | boolean | null | readonly (string | number)[];

export interface QueryOptions {
  /** Numbers bound to a DateTime64 or DateTime are epoch milliseconds. */
  parameters?: Readonly<Record<string, BoundValue>>;
  settings?: Readonly<Record<string, string | number>>;
  /** A twin that still runs is refused by ClickHouse (216). */
  queryId?: string;
  /** Instead of the client's own. */
  database?: string;
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

export interface ClickHouseOptions {
  /** For instance `http://127.0.0.1:4123`. */
  url: string;
  user: string;
  password: string;
  database: string;
}

const TIMEOUT_MS = 65_000;
const CONNECTIONS = 32;
/** An exception's text and frame; a longer one loses its beginning, never its notice. */
const TAIL_BYTES = 32_768;

/**
 * Talks HTTP over kept connections. The server's status is only final when the whole answer is buffered there, so
 * everything but `bytes` asks for that.
 */
export const createClickHouse = ({ url, user, password, database }: ClickHouseOptions): ClickHouse => {
  const { origin } = new URL(url);
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    // below the server's 10 s; a socket that the server closes first is an unknown outcome
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 8000,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const headers = { 'x-clickhouse-user': user, 'x-clickhouse-key': password };

  const pathOf = (sql: string, options: QueryOptions, extra: Readonly<Record<string, string>>): string => {
    const search = new URLSearchParams({ database: options.database ?? database, ...extra });
    if (options.queryId !== undefined) search.set('query_id', options.queryId);
    for (const [name, value] of Object.entries(options.settings ?? {})) search.set(name, String(value));
    const types = parametersOf(sql);
    for (const [name, value] of Object.entries(options.parameters ?? {})) {
      search.set(`param_${name}`, encodeParameter(value, types.get(name) ?? ''));
    }
    return `/?${search.toString()}`;
  };

  const unreachable = (error: unknown, timeoutMs: number): ClickHouseUnreachable => {
    const { name, message } = error as Error;
    const text = name === 'TimeoutError' || name === 'AbortError' ? `no answer in ${timeoutMs} ms` : message;
    return new ClickHouseUnreachable(text, { cause: error });
  };

  type Answer = Dispatcher.ResponseData & { signal: AbortSignal };
  const send = async (
    path: string,
    body: string | Uint8Array | AsyncIterable<Uint8Array>,
    timeoutMs: number,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await pool.request({
        method: 'POST',
        path,
        headers: { ...headers, ...more },
        body: body as string | Uint8Array,
        signal,
      });
      if (answer.statusCode === 200 && answer.headers['x-clickhouse-exception-code'] === undefined) {
        return Object.assign(answer, { signal });
      }
      const header = answer.headers['x-clickhouse-exception-code'];
      throw refusal(
        answer.statusCode,
        header === undefined ? undefined : String(header),
        await answer.body.text(),
      );
    } catch (error) {
      if (error instanceof ClickHouseError || error instanceof ClickHouseUnreachable) throw error;
      throw unreachable(error, timeoutMs);
    }
  };

  const text = async (
    path: string,
    body: string | Uint8Array | AsyncIterable<Uint8Array>,
    timeoutMs: number,
    more?: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const answer = await send(path, body, timeoutMs, more);
    try {
      return await answer.body.text();
    } catch (error) {
      throw unreachable(error, timeoutMs);
    }
  };

  return {
    database,
    command: async (sql, options = {}) => {
      await text(pathOf(sql, options, { wait_end_of_query: '1' }), sql, options.timeoutMs ?? TIMEOUT_MS);
    },
    rows: async <Row>(sql: string, options: QueryOptions = {}): Promise<Row[]> => {
      const path = pathOf(sql, options, {
        wait_end_of_query: '1',
        default_format: 'JSONEachRow',
        output_format_json_quote_64bit_integers: '0',
      });
      const lines = (await text(path, sql, options.timeoutMs ?? TIMEOUT_MS)).split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
    },
    bytes: async function* (sql, options = {}) {
      const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
      const answer = await send(pathOf(sql, options, {}), sql, timeoutMs);
      const tag = answer.headers['x-clickhouse-exception-tag'];
      let tail: Buffer = Buffer.alloc(0);
      try {
        for await (const chunk of answer.body as AsyncIterable<Buffer>) {
          tail = Buffer.concat([tail, chunk]);
          if (tail.length > 2 * TAIL_BYTES) {
            yield tail.subarray(0, tail.length - TAIL_BYTES);
            tail = tail.subarray(tail.length - TAIL_BYTES);
          }
        }
      } catch (error) {
        throw exceptionInTail(tail.toString('latin1'), tag?.toString()) ?? unreachable(error, timeoutMs);
      }
      const exception = exceptionInTail(tail.toString('latin1'), tag?.toString());
      if (exception) throw exception;
      if (tail.length > 0) yield tail;
    },
    insert: async (sql, body, options = {}) => {
      const path = pathOf(sql, options, { query: sql, wait_end_of_query: '1' });
      const encoding = options.gzip ? { 'content-encoding': 'gzip' } : undefined;
      await text(path, body, options.timeoutMs ?? TIMEOUT_MS, encoding);
    },
    ping: async (timeoutMs = 1000) => {
      try {
        const answer = await pool.request({
          method: 'GET',
          path: '/ping',
          signal: AbortSignal.timeout(timeoutMs),
        });
        await answer.body.dump();
        return answer.statusCode === 200;
      } catch {
        return false;
      }
    },
    close: () => pool.close(),
  };
};
