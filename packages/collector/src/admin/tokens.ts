import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.js';
import { CollectorError } from '../errors.js';
import { openJsonFile } from '../json-file.js';
import { ROLES, type Role } from './permissions.js';

const DAY_MS = 86_400_000;

export interface Token {
  id: string;
  kind: 'admin' | 'grafana';
  role: Role;
  /** Site ids, or every site. */
  sites: readonly number[] | '*';
  /** SHA-256 of the whole token, hex: 256 random bits need no slow hash. */
  hash: string;
  created: number;
  expires: number;
  revoked: boolean;
}

export interface NewToken {
  role: Role;
  kind?: Token['kind'];
  sites?: readonly number[] | '*';
  /** Days; 90 unless said, 365 for Grafana. */
  days?: number;
}

export interface Tokens {
  /** @returns the secret, shown once, and what is kept of it */
  create(request: NewToken): { secret: string; token: Token };
  /** The token of a bearer, unless unknown, expired or revoked. */
  verify(secret: string): Token | null;
  revoke(id: string): Token;
  list(): Token[];
  /** Creates the first owner when there is none. @returns the secret when it was made here, else null */
  ensureOwner(given: string | null): { created: boolean; secret: string | null };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Tokens in one file, so that they work while every database is away, and `lintel token create` needs no server. */
export const openTokens = (file: string, clock: Clock): Tokens => {
  const kept = openJsonFile<Token[]>(file, [], clock);
  const load = kept.read;
  const save = kept.write;

  const add = (secret: string, id: string, request: NewToken): Token => {
    const now = clock.now();
    const token: Token = {
      id,
      kind: request.kind ?? 'admin',
      role: request.role,
      sites: request.sites ?? '*',
      hash: sha256(secret),
      created: now,
      expires: now + (request.days ?? (request.kind === 'grafana' ? 365 : 90)) * DAY_MS,
      revoked: false,
    };
    save([...load(true), token]);
    return token;
  };

  const create = (request: NewToken): { secret: string; token: Token } => {
    const id = randomBytes(6).toString('hex');
    const secret = `lt_${id}_${randomBytes(32).toString('base64url')}`;
    return { secret, token: add(secret, id, request) };
  };

  const alive = (token: Token): boolean => !token.revoked && token.expires > clock.now();

  return {
    create,
    verify: (secret) => {
      const hash = Buffer.from(sha256(secret), 'hex');
      const match = load().find((token) => timingSafeEqual(Buffer.from(token.hash, 'hex'), hash));
      return match && alive(match) ? match : null;
    },
    revoke: (id) => {
      const tokens = load(true);
      const token = tokens.find((one) => one.id === id);
      if (!token) throw new CollectorError('NOT_FOUND', `no token ${id}`);
      const owners = tokens.filter((one) => one.role === 'owner' && alive(one));
      if (owners.length === 1 && owners[0] === token) {
        throw new CollectorError('FORBIDDEN', 'the last owner cannot be removed');
      }
      const revoked = { ...token, revoked: true };
      save(tokens.map((one) => (one === token ? revoked : one)));
      return revoked;
    },
    list: () => [...load(true)],
    ensureOwner: (given) => {
      if (load(true).some((token) => token.role === 'owner' && alive(token)))
        return { created: false, secret: null };
      const request: NewToken = { role: 'owner', days: 3650 };
      if (given === null) return { created: true, secret: create(request).secret };
      add(given, 'first-owner', request);
      return { created: true, secret: null };
    },
  };
};

export const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);
