import { readFileSync } from 'node:fs';

export interface Database {
  /** Rows of a statement, as the steward: he may read every table. Throws while ClickHouse is away. */
  rows<Row>(sql: string): Promise<Row[]>;
}

/** The embedded ClickHouse behind the collector's back: what is stored, not what a view says about it. */
export const createDatabase = (url: string, credentialsFile: string): Database => ({
  rows: async <Row>(sql: string): Promise<Row[]> => {
    const { steward } = JSON.parse(readFileSync(credentialsFile, 'utf8')) as {
      steward: { user: string; password: string };
    };
    const response = await fetch(
      `${url}/?default_format=JSONEachRow&output_format_json_quote_64bit_integers=0`,
      {
        method: 'POST',
        headers: { 'X-ClickHouse-User': steward.user, 'X-ClickHouse-Key': steward.password },
        body: sql,
      },
    );
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  },
});
