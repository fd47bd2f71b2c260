import type { Credentials } from '../../src/index.js';

export interface Answer {
  /** ClickHouse's own error code; 0 = it went well. */
  code: number;
  text: string;
}

/** One statement over HTTP, as a client would send it; `parameters` are settings or `param_…`. */
export const statement = async (
  url: string,
  who: Credentials,
  sql: string,
  parameters: Record<string, string> = {},
): Promise<Answer> => {
  const response = await fetch(`${url}/?${new URLSearchParams(parameters).toString()}`, {
    method: 'POST',
    headers: { 'X-ClickHouse-User': who.user, 'X-ClickHouse-Key': who.password },
    body: sql,
  });
  const text = (await response.text()).trim();
  return { code: Number(response.headers.get('x-clickhouse-exception-code') ?? 0), text };
};

/** The answer's text. @throws Error when ClickHouse refused */
export const ask = async (
  url: string,
  who: Credentials,
  sql: string,
  parameters: Record<string, string> = {},
): Promise<string> => {
  const answer = await statement(url, who, sql, parameters);
  if (answer.code !== 0) throw new Error(answer.text);
  return answer.text;
};
