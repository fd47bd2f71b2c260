import type { RequestReason } from '@lintel/protocol';

/** A whole request that is not taken: what is answered, and under which reason it is counted. */
export interface Refusal {
  kind: 'refused';
  status: 400 | 403 | 404 | 405 | 408 | 413 | 415 | 429 | 431 | 500 | 503;
  reason: RequestReason;
  /** Names the limit, in words the sender can act on. */
  message: string;
  /** Dotted path of the field, when one is to blame. */
  field?: string;
  /** Seconds; only with 429 and 503. */
  retryAfter?: number;
  /** Site it is counted under; 0 while unknown. */
  siteId?: number;
}

export const refuse = (
  status: Refusal['status'],
  reason: RequestReason,
  message: string,
  more: Pick<Refusal, 'field' | 'retryAfter' | 'siteId'> = {},
): Refusal => ({ kind: 'refused', status, reason, message, ...more });

/** Body of the answer: the SDK believes a refusal only with a `reason`. */
export const refusalBody = ({ reason, message, field }: Refusal): string =>
  JSON.stringify({ reason, message, ...(field === undefined ? {} : { field }) });
