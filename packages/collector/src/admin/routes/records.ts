import { Type } from '@sinclair/typebox';
import { BadParameter, CollectorError } from '../../errors.js';
import type { DeadLetters, LedgerRow } from '../../flush/index.js';
import { mayGrant, ROLES } from '../permissions.js';
import { defineRoute, type Route } from '../route.js';
import { isRole, type Token, type Tokens } from '../tokens.js';

export interface RecordsOptions {
  readLedger: () => Promise<LedgerRow[]>;
  deadLetters: DeadLetters;
  tokens: Tokens;
}

const visible = (token: Token, site: number): boolean => token.sites === '*' || token.sites.includes(site);
const withoutHash = ({ hash: _hash, ...token }: Token) => token;

const TokenAnswer = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  role: Type.String(),
  sites: Type.Union([Type.Literal('*'), Type.Array(Type.Integer())]),
  created: Type.Number(),
  expires: Type.Number(),
  revoked: Type.Boolean(),
});

/** Ledger, dead letters and tokens. */
export const recordRoutes = ({ readLedger, deadLetters, tokens }: RecordsOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/admin/ledger',
    permission: 'ledger.read',
    summary: 'accepted = stored + buffered + dead-lettered, per site',
    query: Type.Object({}),
    answer: Type.Object({
      ledger: Type.Array(
        Type.Object({
          site: Type.Integer(),
          accepted: Type.Integer(),
          stored: Type.Integer(),
          buffered: Type.Integer(),
          deadLettered: Type.Integer(),
          difference: Type.Integer(),
          asOf: Type.Union([Type.Integer(), Type.Null()], {
            description: 'epoch ms of the last answer of the database; null: none yet',
          }),
        }),
      ),
    }),
    handle: async (_input, { token }) => ({
      ledger: (await readLedger()).filter((row) => visible(token, row.site)),
    }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/admin/dead-letters',
    permission: 'dead-letters.read',
    summary: 'Rows the database refused, with their reason',
    query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) }),
    answer: Type.Object({ deadLetters: Type.Array(Type.Unknown()) }),
    handle: async ({ query }, { token }) => ({
      deadLetters: (await deadLetters.list({ limit: query.limit })).filter((letter) =>
        visible(token, letter.site),
      ),
    }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/admin/dead-letters/replay',
    permission: 'dead-letters.replay',
    summary: 'Sends dead letters through the pipeline again',
    query: Type.Object({}),
    body: Type.Object(
      { ids: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1000 })) },
      { additionalProperties: false },
    ),
    answer: Type.Object({ replayed: Type.Integer() }),
    handle: async ({ body }, { token }) => {
      if (token.sites !== '*')
        throw new CollectorError('FORBIDDEN', 'replaying needs a token for every site');
      return { replayed: await deadLetters.replay(body.ids ? { ids: body.ids } : {}) };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/admin/tokens',
    permission: 'tokens.write',
    summary: 'Tokens without their secrets',
    query: Type.Object({}),
    answer: Type.Object({ tokens: Type.Array(TokenAnswer) }),
    handle: () => Promise.resolve({ tokens: tokens.list().map(withoutHash) }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/admin/tokens',
    permission: 'tokens.write',
    summary: 'Creates a token; the secret is answered once',
    query: Type.Object({}),
    body: Type.Object(
      {
        role: Type.String(),
        kind: Type.Optional(Type.Union([Type.Literal('admin'), Type.Literal('grafana')])),
        sites: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 65_534 }), { minItems: 1 })),
        days: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
      },
      { additionalProperties: false },
    ),
    answer: Type.Object({ secret: Type.String(), token: TokenAnswer }),
    handle: ({ body }, { token }) => {
      if (!isRole(body.role)) throw new BadParameter('role', `role must be one of ${ROLES.join(', ')}`);
      if (!mayGrant(token.role, body.role))
        throw new CollectorError('FORBIDDEN', 'nobody grants more than he has');
      const sites = body.sites ?? token.sites;
      if (sites !== '*' && !sites.every((site) => visible(token, site))) {
        throw new CollectorError('FORBIDDEN', 'nobody grants more than he has');
      }
      const created = tokens.create({
        role: body.role,
        sites,
        ...(body.kind ? { kind: body.kind } : {}),
        ...(body.days ? { days: body.days } : {}),
      });
      return Promise.resolve({ secret: created.secret, token: withoutHash(created.token) });
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/api/admin/tokens/:id',
    permission: 'tokens.write',
    summary: 'Revokes a token at once',
    query: Type.Object({}),
    answer: TokenAnswer,
    handle: ({ path }, { token }) => {
      const target = tokens.list().find((one) => one.id === path['id']);
      if (target && !mayGrant(token.role, target.role))
        throw new CollectorError('FORBIDDEN', 'only an owner may do this');
      return Promise.resolve(withoutHash(tokens.revoke(path['id']!)));
    },
  }),
];
