import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from '@lintel/protocol';
import { refusalBody, type Refusal } from './refusal.js';

/** On everything the public port says. */
export const COMMON_HEADERS = {
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains; preload',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Permissions-Policy': '',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

/** Readable by any page, because the key is public; without credentials, so no cookie ever counts. */
export const CORS_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Retry-After',
} as const;

export const CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const API_HEADERS = {
  ...COMMON_HEADERS,
  ...CORS_HEADERS,
  'Content-Security-Policy': CSP,
  'Cross-Origin-Resource-Policy': 'same-site',
  'Cache-Control': 'no-store',
};

/** Names and values in one flat list: what `writeHead` copies without looking. */
const API: readonly string[] = Object.entries(API_HEADERS).flat();
const JSON_API: readonly string[] = [...API, 'Content-Type', 'application/json; charset=utf-8'];
export const ALLOWED_METHODS = 'POST, OPTIONS';
const PREFLIGHT: readonly string[] = [
  ...API,
  'Access-Control-Allow-Methods',
  ALLOWED_METHODS,
  'Access-Control-Allow-Headers',
  'Content-Type, Content-Encoding',
  'Access-Control-Max-Age',
  '86400',
];

/** Bytes of an unwanted body that are still read, so that the sender can hear the answer before the line closes. */
const LINGER_BYTES = 8 * 1024 * 1024;
const LINGER_MS = 2000;
/** Time to hear why a connection is cut. */
const LAST_WORD_MS = 1000;

export const sendPreflight = (response: ServerResponse): void => {
  response.writeHead(204, PREFLIGHT as string[]).end();
};

/** @param closing the process is stopping: the connection is not kept */
export const sendJson = (response: ServerResponse, status: number, body: string, closing: boolean): void => {
  const headers = [...JSON_API, 'Content-Length', String(Buffer.byteLength(body))];
  if (closing) headers.push('Connection', 'close');
  response.writeHead(status, headers).end(body);
};

const isUnread = (request: IncomingMessage): boolean => {
  if (request.complete) return false;
  const length = request.headers['content-length'];
  return length === undefined
    ? request.headers['transfer-encoding'] !== undefined
    : Number(length) > LIMITS.bodyBytes;
};

/**
 * Answers a refusal. A body that may go on for long is not waited for: the answer goes out whole, with
 * `Connection: close`, and the line is cut when the sender stops or after 8 MiB or 2 s; cut at once, the reset
 * would reach the sender before the answer.
 */
export const sendRefusal = (
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  closing: boolean,
): void => {
  const body = refusalBody(refusal);
  const headers = [...JSON_API, 'Content-Length', String(Buffer.byteLength(body))];
  if (refusal.retryAfter !== undefined) headers.push('Retry-After', String(refusal.retryAfter));
  if (refusal.status === 405) headers.push('Allow', ALLOWED_METHODS);
  const unread = isUnread(request);
  if (unread || closing) headers.push('Connection', 'close');
  response.writeHead(refusal.status, headers);
  if (!unread) {
    response.end(body);
    return;
  }
  response.write(body);
  let left = LINGER_BYTES;
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.once('end', () => response.end());
  request.once('close', () => clearTimeout(timer));
  request.resume();
};

/** The answer to bytes that Node could not read as a request: it goes straight to the socket. */
export const sendRaw = (socket: Socket, statusLine: string, refusal: Refusal): void => {
  if (!socket.writable || socket.destroyed) return;
  // who does not read or hang up must not keep the file handle
  setTimeout(() => socket.destroy(), LAST_WORD_MS).unref();
  const body = refusalBody(refusal);
  const lines = Object.entries(API_HEADERS).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    [
      `HTTP/1.1 ${statusLine}`,
      ...lines,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
};
