import { request } from 'node:http';

import type { Credentials } from './credentials.js';

/** `refused` carries ClickHouse's own error code, or null when the answer has none. */
export type Answer =
  | { kind: 'ok'; text: string }
  | { kind: 'refused'; status: number; code: number | null; text: string }
  | { kind: 'unreachable'; reason: string };

interface CallOptions {
  port: number;
  method: 'GET' | 'POST';
  credentials?: Credentials;
  path: string;
}

/** A request whose head is on its way; `send` gives it its body and waits for the answer. */
interface OpenCall {
  send(body: string | undefined, timeoutMs: number): Promise<Answer>;
  /** Sends the head now; resolves when the engine has taken the request and waits for its body, or has failed. */
  begin(): Promise<void>;
  /** Hangs up; without effect after the answer. */
  drop(): void;
}

const openCall = (options: CallOptions): OpenCall => {
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
    agent: false,
  });
  const answer = new Promise<Answer>((resolve) => {
    const chunks: Buffer[] = [];
    const unreachable = (error: Error): void => resolve({ kind: 'unreachable', reason: error.message });
    outgoing.on('error', unreachable);
    outgoing.on('response', (response) => {
      response.on('error', unreachable);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8').trim();
        const status = response.statusCode ?? 0;
        const code = Number(response.headers['x-clickhouse-exception-code'] ?? NaN);
        if (status === 200 && Number.isNaN(code)) resolve({ kind: 'ok', text });
        else resolve({ kind: 'refused', status, code: Number.isNaN(code) ? null : code, text });
      });
    });
  });
  return {
    send: async (body, timeoutMs) => {
      // One deadline for the whole call: a stopped process accepts in the kernel and then says nothing.
      const deadline = setTimeout(
        () => outgoing.destroy(new Error(`no answer in ${timeoutMs} ms`)),
        timeoutMs,
      );
      outgoing.end(body);
      try {
        return await answer;
      } finally {
        clearTimeout(deadline);
      }
    },
    begin: async () => {
      const taken = new Promise<void>((resolve) => outgoing.once('continue', () => resolve()));
      outgoing.setHeader('Expect', '100-continue');
      outgoing.flushHeaders();
      await Promise.race([taken, answer]);
    },
    drop: () => outgoing.destroy(),
  };
};

/** Whether something on the port answers `GET /ping` with 200 in time. */
export const ping = async (port: number, timeoutMs: number): Promise<boolean> =>
  (await openCall({ port, method: 'GET', path: '/ping' }).send(undefined, timeoutMs)).kind === 'ok';

/** One statement over HTTP. Never throws: whatever happens is an answer. */
export const query = (options: {
  port: number;
  credentials: Credentials;
  sql: string;
  timeoutMs: number;
}): Promise<Answer> =>
  openCall({ port: options.port, credentials: options.credentials, method: 'POST', path: '/' }).send(
    options.sql,
    options.timeoutMs,
  );

/** A statement that will be asked later, when the engine may accept no new connection: see `begin`. */
export const reserveQuery = (options: { port: number; credentials: Credentials }): OpenCall =>
  openCall({ ...options, method: 'POST', path: '/' });
