import { randomUUID } from 'node:crypto';
import { LIMITS } from '@lintel/protocol';
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { RowWriter } from '../buffer/row.js';
import type { Clock } from '../clock.js';
import type { Site } from '../sites.js';
import { partsOf } from './configuration.js';
import { cleanValue } from './decode.js';
import { hash64 } from './hash.js';
import { refuse, type Refusal } from './refusal.js';
import type { Sealer } from './sealing.js';

const line = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
const id = Type.Optional(
  Type.Union([
    Type.Null(),
    Type.String({ pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$' }),
  ]),
);
const choice = Type.String({ maxLength: 128 });

/** What the form of a site sends. */
export const InquirySchema = Type.Object({
  key: Type.String({ maxLength: 128 }),
  contact: Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 120 }),
      email: Type.String({ minLength: 3, maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+\\.[^\\s@.]+$' }),
      phone: line(40),
      postcode: line(12),
      message: line(1000),
    },
    { additionalProperties: false },
  ),
  model: Type.Optional(choice),
  options: Type.Optional(
    Type.Record(Type.String({ maxLength: LIMITS.keyLength }), Type.Union([choice, Type.Array(choice)]), {
      maxProperties: LIMITS.props,
    }),
  ),
  priceCents: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 })),
  currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
  /** A field people do not see. */
  website: line(1024),
  /** Since the form was shown, ms. */
  elapsedMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
  /** The journey, which only consent `all` may join to a name. */
  consent: Type.Optional(Type.String({ maxLength: 16 })),
  stream: id,
  visitor: id,
  session: id,
});
export type Inquiry = Static<typeof InquirySchema>;

const check = TypeCompiler.Compile(InquirySchema as TSchema);

/** Nobody fills the form faster; programs do. */
const SHORTEST_MS = 2000;

/**
 * Checks a decoded body.
 * @returns the inquiry, or the refusal naming field and limit
 */
export const readInquiry = (body: unknown): { kind: 'inquiry'; value: Inquiry } | Refusal => {
  const value = cleanValue(body);
  if (check.Check(value)) return { kind: 'inquiry', value: value as Inquiry };
  const error = check.Errors(value).First();
  const field = error?.path.slice(1).replaceAll('/', '.') ?? '';
  return refuse(400, 'envelope', `${field || 'the body'}: ${error?.message ?? 'not an inquiry'}`, { field });
};

export interface Inquiries {
  /** Resolves with the id once contact and key are durable. @throws {BufferUnavailable} */
  take(site: Site, inquiry: Inquiry): Promise<string>;
}

/** The database's own form of a point in time: `YYYY-MM-DD hh:mm:ss.mmm`, UTC. */
const milliseconds = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('Z', '');

/**
 * Takes inquiries. Contact and wishes are one ciphertext before anything is written; status, value and configuration
 * stay readable, because the dashboards need them and they name nobody. A suspicious one is stored as `spam`: a person
 * with a fast password manager must not be lost.
 */
export const createInquiries = ({
  writer,
  sealer,
  clock,
}: {
  writer: RowWriter;
  sealer: Sealer;
  clock: Clock;
}): Inquiries => ({
  take: async (site, inquiry) => {
    const now = clock.now();
    const inquiryId = randomUUID();
    const subject = randomUUID();
    const { contact, model = '', options = {} } = inquiry;
    const { sealed, keyId, wrapped } = sealer.seal(
      { table: 'inquiries', row: inquiryId, column: 'sealed' },
      JSON.stringify({ contact, model, options }),
    );
    const spam = Boolean(inquiry.website) || (inquiry.elapsedMs ?? SHORTEST_MS) < SHORTEST_MS;
    const joined = inquiry.consent === 'all';
    const hashOf = (prefix: string, uuid: string | null | undefined): string =>
      joined && uuid ? hash64(`${prefix}${site.id}|${uuid.toLowerCase()}`) : '0';
    const emailIndex = sealer.emailIndex(contact.email);
    const row = {
      site_id: site.id,
      inquiry_id: inquiryId,
      version: now,
      created: milliseconds(now),
      status: spam ? 'spam' : 'new',
      subject,
      stream: joined && inquiry.stream ? inquiry.stream.toLowerCase() : null,
      // decimal text: a JSON number would round a UInt64
      visitor: hashOf('v', inquiry.visitor),
      session: hashOf('s', inquiry.session),
      config_hash: model === '' ? '0' : partsOf(model, options).hash,
      price_cents: inquiry.priceCents ?? 0,
      currency: inquiry.currency ?? site.currency,
      sealed,
      email_index: emailIndex,
      assigned: '',
      gone: 0,
    };
    const key = {
      key_id: keyId,
      site_id: site.id,
      subject,
      version: now,
      created: milliseconds(now),
      email_index: emailIndex,
      wrapped,
      gone: 0,
    };
    // the key first: a contact without its key could never be read
    await writer.writeSide('keys', [JSON.stringify(key)]);
    await writer.writeSide('inquiries', [JSON.stringify(row)]);
    return inquiryId;
  },
});
