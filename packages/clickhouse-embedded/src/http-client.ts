import { request, type Agent } from 'node:http';

import type { Credentials } from './credentials.js';

/** `refused` carries ClickHouse's own error code, or null when the answer has none. */
export type Answer =
  | { kind: 'ok'; text: string }
  | { kind: 'refused'; status: number; code: number | null; text: string }
  | { kind: 'unreachable'; reason: string };

interface CallOptions {
  port: number;
  timeoutMs: number;
  method: 'GET' | 'POST';
  body?: string;
  credentials?: Credentials;
  path: string;
  agent?: Agent;
}

const call = (options: CallOptions): Promise<Answer> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const headers: Record<string, string> = {};
    if (options.credentials) {
      headers['X-ClickHouse-User'] = options.credentials.user;
      headers['X-ClickHouse-Key'] = options.credentials.password;
    }
    const outgoing = request({
      host: '127.0.0.1',
      port: options.port,
      method: options.method,
      path: options.path,
      headers,
      // A connection of its own also proves that the engine still accepts.
      agent: options.agent ?? false,
    });
    // One deadline for the whole call: a stopped process accepts in the kernel and then says nothing.
    const deadline = setTimeout(
      () => outgoing.destroy(new Error(`no answer in ${options.timeoutMs} ms`)),
      options.timeoutMs,
    );
    const settle = (answer: Answer): void => {
      clearTimeout(deadline);
      resolve(answer);
    };
    const unreachable = (error: Error): void => settle({ kind: 'unreachable', reason: error.message });
    outgoing.on('error', unreachable);
    outgoing.on('response', (response) => {
      response.on('error', unreachable);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8').trim();
        const status = response.statusCode ?? 0;
        const code = Number(response.headers['x-clickhouse-exception-code'] ?? NaN);
        if (status === 200 && Number.isNaN(code)) settle({ kind: 'ok', text });
        else settle({ kind: 'refused', status, code: Number.isNaN(code) ? null : code, text });
      });
    });
    outgoing.end(options.body);
  });

/** Whether something on the port answers `GET /ping` with 200 in time. */
export const ping = async (port: number, timeoutMs: number): Promise<boolean> =>
  (await call({ port, timeoutMs, method: 'GET', path: '/ping' })).kind === 'ok';

/** One statement over HTTP. Never throws: whatever happens is an answer. */
export const query = (options: {
  port: number;
  credentials: Credentials;
  sql: string;
  timeoutMs: number;
  agent?: Agent;
}): Promise<Answer> =>
  call({
    port: options.port,
    credentials: options.credentials,
    timeoutMs: options.timeoutMs,
    method: 'POST',
    path: '/',
    body: options.sql,
    ...(options.agent ? { agent: options.agent } : {}),
  });
