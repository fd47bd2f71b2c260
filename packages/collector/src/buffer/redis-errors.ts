import { BufferUnavailable, CollectorError, StaleFence } from '../errors.js';

/**
 * Error words of Redis after which nothing was written and a repeat would not help: memory, disk, role, start,
 * rights. `NOSCRIPT`'s cousin "Function not found" is mended by the caller.
 */
const REFUSALS =
  /^(OOM|MISCONF|READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|BUSY|NOAUTH|WRONGPASS|NOPERM|DENIED)\b/;

/** ioredis rejects a command that it never sent with these words. */
const NOT_SENT = /enableOfflineQueue options is false|Connection is not (yet )?(ready|connected)/;

export const isFunctionMissing = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('Function not found');

/** A refusal says so in the answer; everything else that is no answer leaves the outcome open. */
export const classify = (error: unknown): CollectorError => {
  if (error instanceof CollectorError) return error;
  const { message, name } = error as Error;
  if (message.startsWith('STALE')) return new StaleFence(message.slice(6));
  const refused = REFUSALS.test(message) || NOT_SENT.test(message) || name === 'ReplyError';
  return new BufferUnavailable(`Redis: ${message}`, refused ? 'refused' : 'unknown', { cause: error });
};

/** True when the same call may succeed at once: the connection broke, Redis did not say no. */
export const isWorthRepeating = (error: CollectorError): boolean =>
  error instanceof BufferUnavailable &&
  (error.outcome === 'unknown' || NOT_SENT.test((error.cause as Error | undefined)?.message ?? ''));
