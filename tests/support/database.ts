import { readFileSync } from 'node:fs';

export interface Database {
  /** Rows of a statement, as the steward: he may read every table. Throws while ClickHouse is away. */
  rows<Row>(sql: string): Promise<Row[]>;
  /** A statement that changes the schema, as the migrator. */
  migrate(sql: string): Promise<void>;
}

type Account = 'steward' | 'migrator';

/** The embedded ClickHouse behind the collector's back: what is stored, not what a view says about it. */
export const createDatabase = (url: string, credentialsFile: string): Database => {
  const ask = async (account: Account, sql: string): Promise<string> => {
    const accounts = JSON.parse(readFileSync(credentialsFile, 'utf8')) as Record<
      Account,
      { user: string; password: string }
    >;
    const { user, password } = accounts[account];
    const response = await fetch(
      `${url}/?default_format=JSONEachRow&output_format_json_quote_64bit_integers=0`,
      { method: 'POST', headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password }, body: sql },
    );
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  };
  return {
    rows: async <Row>(sql: string): Promise<Row[]> =>
      (await ask('steward', sql))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Row),
    migrate: async (sql) => {
      await ask('migrator', sql);
    },
  };
};
