/**
 * Every limit of the wire, once. The SDK keeps them before it numbers an event, the collector enforces them,
 * the documentation prints them.
 */
export const LIMITS = {
  /** Inflated size of one request body, in bytes; gzip members count together. */
  bodyBytes: 262_144,
  /** Events in one batch. */
  events: 500,
  /** Nesting of objects and arrays, the body itself being level 1. */
  depth: 8,
  /** Keys in `props` (and in any other free-form map). */
  props: 64,
  /** Characters of a key in a free-form map. */
  keyLength: 64,
  /** Characters of any string. */
  stringLength: 1024,
  /** Highest sequence number an SDK may use; the numbers above are the collector's own rows. */
  seqMax: 983_039,
  /** Events older than this are refused, in days. */
  ageDays: 30,
  /** Streams in `ended`. */
  ended: 100,
} as const;

/** Sequence numbers of rows which the collector writes into the stream they tell about. */
export const RESERVED_SEQ = {
  /** One `stream_dropped` row: `dropped + 4096 · reason index + min(total, 4095)`. */
  dropped: 983_040,
  /** The `stream_end` row of a stream. */
  end: 1_048_575,
} as const;

/** Keys that would reach a prototype in careless code; refused everywhere. */
export const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];
