import type { Request } from 'express';
import { CollectorError } from '../errors.js';
import { may, type Permission } from './permissions.js';
import type { Token, Tokens } from './tokens.js';

/** Larger than this, the context is not read. */
const CONTEXT_BYTES = 4096;

/** Node hands headers over as latin1, Grafana writes UTF-8: without this every "Müller" breaks. */
const hasContext = (header: string | undefined): boolean => {
  if (header === undefined || header.length > CONTEXT_BYTES) return false;
  try {
    return typeof JSON.parse(Buffer.from(header, 'latin1').toString('utf8')) === 'object';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

/**
 * The token behind a request, if it may do what the route asks for.
 * A token of kind `grafana` speaks for somebody else: it may do exactly what its route entry names
 * (`X-Lintel-Permission`), and writes only with a readable `X-Grafana-Context`.
 * @throws {CollectorError} `UNAUTHENTICATED`, `FORBIDDEN`
 */
export const authorise = (request: Request, permission: Permission, tokens: Tokens): Token => {
  const match = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  const token = match ? tokens.verify(match[1]!) : null;
  if (!token) throw new CollectorError('UNAUTHENTICATED', 'a valid bearer token is required');
  if (!may(token.role, permission)) {
    throw new CollectorError('FORBIDDEN', `the role ${token.role} lacks the permission ${permission}`);
  }
  if (token.kind === 'grafana') {
    const named = request.get('x-lintel-permission');
    if (named !== undefined && named !== permission) {
      throw new CollectorError(
        'FORBIDDEN',
        `this request was let through for ${named}, not for ${permission}`,
      );
    }
    if (request.method !== 'GET' && !hasContext(request.get('x-grafana-context'))) {
      throw new CollectorError('FORBIDDEN', 'a change through Grafana needs the user it is made for');
    }
  }
  return token;
};
