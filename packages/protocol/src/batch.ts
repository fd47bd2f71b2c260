import { Type, type Static } from '@sinclair/typebox';
import * as f from './fields.js';
import { LIMITS } from './limits.js';
import { EVENT_REASONS } from './reasons.js';

const size = Type.Array(f.uint16('px'), { minItems: 2, maxItems: 2 });

/** The page a stream lives on; at level `none` only url, referrer, title and viewport are set. */
export const PageSchema = Type.Object({
  url: f.optional(f.nullable(f.text('cleaned URL or path; utm parameters stay'))),
  referrer: f.optional(f.nullable(f.text('cleaned referrer'))),
  title: f.optional(f.nullable(f.text('document title'))),
  language: f.optional(f.nullable(f.text('BCP 47 tag', 35))),
  timeZone: f.optional(f.nullable(f.text('IANA zone', 64))),
  screen: f.optional(f.nullable(size)),
  viewport: f.optional(f.nullable(size)),
  dpr: f.optional(f.nullable(f.float('device pixel ratio', 0, 100))),
  touch: f.optional(f.nullable(Type.Union([Type.Boolean(), f.uint16('touch points')]))),
  connection: f.optional(f.nullable(f.text('effective type', 32))),
});
export type Page = Static<typeof PageSchema>;

export const CONSENT_LEVELS = ['none', 'statistics', 'all'] as const;
export type Consent = (typeof CONSENT_LEVELS)[number];

/** A batch as it travels; its events are checked one by one, so a bad one costs no other. */
export const BatchSchema = Type.Object(
  {
    key: f.text('public site key', 128),
    sdk: f.optional(f.text('version of the SDK', 32)),
    sentAt: f.integer('client clock when sent, epoch milliseconds', 253_402_300_799_999),
    stream: f.uuid('one page instance'),
    visitor: f.optional(f.nullable(f.uuid('random visitor id; null without consent'))),
    session: f.optional(f.nullable(f.uuid('random session id; null without consent'))),
    consent: f.optional(f.oneOf(CONSENT_LEVELS, 'level of consent, none when absent')),
    page: f.optional(f.nullable(PageSchema)),
    ended: f.optional(
      Type.Array(
        Type.Object({
          stream: f.uuid('a stream of this browser that is over'),
          count: f.integer('its events', LIMITS.seqMax + 1),
        }),
        {
          maxItems: LIMITS.ended,
        },
      ),
    ),
    dropped: f.optional(
      Type.Record(Type.String(), f.uint32('running total'), {
        maxProperties: 32,
        description: 'what the SDK gave up in this stream so far, by reason',
      }),
    ),
    events: Type.Array(Type.Unknown(), { maxItems: LIMITS.events, description: 'see the event reference' }),
  },
  { description: 'One stream, at most 500 events' },
);
export type Batch = Static<typeof BatchSchema>;

/** Answer 202: every event of the batch is in exactly one of the three. */
export const AnswerSchema = Type.Object({
  accepted: Type.Integer({ minimum: 0 }),
  duplicate: Type.Integer({ minimum: 0 }),
  rejected: Type.Array(
    Type.Object({
      seq: f.nullable(Type.Integer()),
      reason: f.oneOf(EVENT_REASONS, 'why'),
      field: Type.Optional(Type.String()),
      message: Type.Optional(Type.String()),
    }),
  ),
});
export type Answer = Static<typeof AnswerSchema>;
export type Rejection = Answer['rejected'][number];
