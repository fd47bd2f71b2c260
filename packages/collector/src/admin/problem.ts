import { Type, type Static } from '@sinclair/typebox';
import type { ErrorRequestHandler, Response } from 'express';
import { BadParameter, CollectorError, type ErrorCode } from '../errors.js';
import type { Log } from '../log.js';
import { StatisticsError } from '../statistics/index.js';

/** RFC 9457. `parameter` names what the caller can mend. */
export const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  request: Type.String({ description: 'id of the request in the logs' }),
  parameter: Type.Optional(Type.String()),
});

/** The one place where a code becomes a status. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  BAD_SETTINGS: 500,
  BAD_PARAMETER: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  BUSY: 503,
  BUFFER_UNAVAILABLE: 503,
  BUFFER_FULL: 503,
  STALE_FENCE: 409,
  CLICKHOUSE: 502,
  CLICKHOUSE_UNREACHABLE: 503,
  MIGRATION_CHANGED: 500,
  SCHEMA_TOO_NEW: 500,
  BACKUP_REFUSED: 409,
  RESTORE_UNFINISHED: 500,
};

const TITLE: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'Database error',
  503: 'Not available now',
};

/** What may be said aloud: messages of our own codes; of anything else only that it happened. */
const describe = (error: unknown): { status: number; code: string; detail: string } => {
  if (error instanceof CollectorError) {
    const status = STATUS[error.code];
    const detail =
      error.code === 'CLICKHOUSE' ? 'the database refused the query; see the log' : error.message;
    return { status, code: error.code, detail };
  }
  if (error instanceof StatisticsError) return { status: 422, code: error.code, detail: error.message };
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, code: 'BAD_PARAMETER', detail: (error as Error).message };
  }
  return { status: 500, code: 'INTERNAL', detail: 'unexpected error; see the log' };
};

const documentOf = (o: {
  status: number;
  code: string;
  detail: string;
  request: string;
  parameter?: string | undefined;
}): Static<typeof ProblemSchema> => ({
  type: `urn:lintel:problem:${o.code.toLowerCase().replaceAll('_', '-')}`,
  title: TITLE[o.status] ?? 'Error',
  status: o.status,
  detail: o.detail,
  request: o.request,
  ...(o.parameter === undefined ? {} : { parameter: o.parameter }),
});

/** The problem document of whatever was thrown. */
export const problemOf = (error: unknown, request: string): Static<typeof ProblemSchema> =>
  documentOf({
    ...describe(error),
    request,
    parameter: error instanceof BadParameter ? error.parameter : undefined,
  });

export const sendProblem = (
  response: Response,
  status: number,
  code: string,
  detail: string,
  parameter?: string,
): void => {
  const request = String(response.locals['requestId']);
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify(documentOf({ status, code, detail, request, parameter })));
};

/** Last in the chain: every thrown error becomes a problem document; the stack stays in the log. */
export const problemHandler =
  (log: Log): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    const { status, code, detail } = describe(error);
    if (status >= 500) {
      log.error('admin.failed', {
        request: response.locals['requestId'],
        code,
        error: String((error as Error)?.stack ?? error),
      });
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    if (status === 503) response.setHeader('Retry-After', '5');
    sendProblem(response, status, code, detail, error instanceof BadParameter ? error.parameter : undefined);
  };
