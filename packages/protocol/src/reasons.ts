/**
 * Why a whole request was refused: the `reason` of the answer, the label of the counter. `http`: not readable as
 * HTTP/1.1; `internal`: our own fault, worth a repeat.
 */
export const REQUEST_REASONS = [
  'busy',
  'encoding',
  'charset',
  'content_type',
  'too_large',
  'gzip',
  'utf8',
  'depth',
  'json',
  'envelope',
  'key',
  'origin',
  'signature',
  'rate',
  'buffer',
  'method',
  'timeout',
  'http',
  'not_found',
  'internal',
] as const;
export type RequestReason = (typeof REQUEST_REASONS)[number];

/** Why one event of an accepted request was refused. Final: the same event will never be accepted. */
export const EVENT_REASONS = [
  'schema',
  'type',
  'seq',
  'number',
  'string',
  'props',
  'time_old',
  'consent',
  'erased',
  'server_only',
] as const;
export type EventReason = (typeof EVENT_REASONS)[number];

/**
 * What an SDK gave up, by reason; the index of a reason is part of a row's sequence number (see `RESERVED_SEQ`),
 * so the order never changes. The first five are counted before an event got its number (no hole in the stream),
 * the others after (a hole with a reason).
 */
export const DROP_REASONS = [
  'capped',
  'sampled',
  'invalid',
  'before',
  'consent_off',
  'evicted',
  'expired',
  'too_large',
  'refused',
  'storage',
  'consent_withdrawn',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];
