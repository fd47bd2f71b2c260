import { readRowBinary, type Column } from './rowBinary.js';

export interface ReaderAccess {
  url: string;
  user: string;
  password: string;
}

/**
 * One SELECT as `lintel_reader`, with the settings that Grafana's data source always sends.
 * @throws {Error} with ClickHouse's text
 */
export const select = async ({ url, user, password }: ReaderAccess, sql: string): Promise<Column[]> => {
  const response = await fetch(
    `${url}/?default_format=RowBinaryWithNamesAndTypes&max_execution_time=65&database=lintel`,
    { method: 'POST', body: sql, headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password } },
  );
  const body = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(body.toString('utf8').slice(0, 600));
  return readRowBinary(body);
};
