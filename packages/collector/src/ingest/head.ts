import type { IncomingHttpHeaders } from 'node:http';
import { LIMITS } from '@lintel/protocol';
import { refuse, type Refusal } from './refusal.js';

/** What the request line and headers say about the body. */
export interface Head {
  kind: 'head';
  gzip: boolean;
  /** Bytes, or null when chunked. */
  contentLength: number | null;
}

const TYPES = ['text/plain', 'application/json'];

/** Media type and charset of a Content-Type header; parameters other than charset mean nothing here. */
const contentType = (header: string): { type: string; charset: string | null } => {
  const [type = '', ...parameters] = header.split(';');
  let charset: string | null = null;
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim().toLowerCase() === 'charset') charset = value.trim().replace(/^"|"$/g, '').toLowerCase();
  }
  return { type: type.trim().toLowerCase(), charset };
};

const isUtf8 = (charset: string | null): boolean =>
  charset === null || charset === 'utf-8' || charset === 'utf8';

/** `?z=gzip` marks a gzip body without a header, so that a browser sends no preflight. */
const marked = (query: string): boolean => /(?:^|&)z=gzip(?:&|$)/.test(query);

/**
 * Steps 2 and 3 of the contract, before a byte of the body is read: one encoding at most, a type we read, UTF-8,
 * a length that can fit.
 * @param query text after `?`, '' without
 */
export const readHead = (headers: IncomingHttpHeaders, query: string): Head | Refusal => {
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  const byQuery = query !== '' && marked(query);
  if (encoding !== '' && encoding !== 'identity' && encoding !== 'gzip') {
    return refuse(415, 'encoding', 'Content-Encoding must be gzip, once, or absent');
  }
  if (encoding === 'gzip' && byQuery) {
    return refuse(415, 'encoding', 'mark gzip once: by ?z=gzip or by Content-Encoding');
  }
  const header = headers['content-type'];
  // a body without a type is what some beacons send
  if (header !== undefined && header !== 'text/plain;charset=UTF-8' && header !== 'application/json') {
    const { type, charset } = contentType(header);
    if (!TYPES.includes(type)) {
      return refuse(415, 'content_type', `Content-Type must be ${TYPES.join(' or ')}`);
    }
    if (!isUtf8(charset)) return refuse(415, 'charset', 'charset must be utf-8 or absent');
  }
  const length = headers['content-length'];
  const contentLength = length === undefined ? null : Number(length);
  if (contentLength !== null && contentLength > LIMITS.bodyBytes) return tooLarge();
  return { kind: 'head', gzip: byQuery || encoding === 'gzip', contentLength };
};

export const tooLarge = (): Refusal =>
  refuse(413, 'too_large', `a body may have at most ${LIMITS.bodyBytes} bytes, inflated`);
