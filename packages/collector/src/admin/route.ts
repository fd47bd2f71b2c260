import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { PERMISSIONS, ROLES, may, type Permission } from './permissions.js';
import type { Token } from './tokens.js';

export interface Caller {
  token: Token;
  requestId: string;
}

/** A body that is not one JSON value: an export. */
export interface Streamed {
  contentType: string;
  fileName: string;
  body: AsyncIterable<Uint8Array>;
}

/** One admin route as one object: the router, the OpenAPI document and the authorisation matrix read it. */
export interface Route<Q extends TObject = TObject, B extends TSchema = TSchema> {
  method: 'get' | 'post' | 'delete';
  path: string;
  permission: Permission;
  summary: string;
  query: Q;
  body?: B;
  answer: TSchema;
  /** Media types beside JSON. */
  formats?: readonly string[];
  /** With `Accept: text/event-stream` it answers again after every so many ms, as server-sent events. */
  liveMs?: number;
  handle: (
    input: { query: Static<Q>; body: Static<B>; path: Record<string, string> },
    caller: Caller,
  ) => Promise<unknown>;
}

export const defineRoute = <Q extends TObject, B extends TSchema>(route: Route<Q, B>): Route =>
  route as unknown as Route;

export const isStreamed = (value: unknown): value is Streamed =>
  typeof value === 'object' && value !== null && 'body' in value && 'contentType' in value;

/**
 * Refuses a table of routes that would leave a hole.
 * @throws {TypeError} at start, naming the route
 */
export const checkRoutes = (routes: readonly Route[]): void => {
  const seen = new Set<string>();
  for (const { method, path, permission, query, body } of routes) {
    const name = `${method.toUpperCase()} ${path}`;
    if (!PERMISSIONS.includes(permission)) throw new TypeError(`${name} has no known permission`);
    if (!ROLES.some((role) => may(role, permission))) throw new TypeError(`no role may call ${name}`);
    if (query['additionalProperties'] === true) throw new TypeError(`${name} must name its parameters`);
    if (body && body['additionalProperties'] !== false)
      throw new TypeError(`the body of ${name} is not strict`);
    if (seen.has(name)) throw new TypeError(`${name} is declared twice`);
    seen.add(name);
  }
};
