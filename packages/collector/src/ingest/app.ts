import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { rateLimit, ipKeyGenerator } from 'express-rate-limit';
import helmet from 'helmet';
import { LIMITS, type Settings } from '@lintel/protocol';
import { BufferUnavailable } from '../errors.js';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';
import type { Site, Sites } from '../sites.js';
import type { FindClient } from './address.js';
import { CORS_HEADERS } from './answer.js';
import { decode } from './decode.js';
import { createSettingsDocuments, type Catalogues, type Document } from './documents.js';
import { readInquiry, type Inquiries } from './inquiries.js';
import { isOriginAllowed } from './origin.js';
import { refusalBody, refuse, type Refusal } from './refusal.js';
import type { Refusals } from './refusals.js';
import type { SdkFile, SdkFiles } from './sdk-files.js';

export interface AppParts {
  sites: Sites;
  metrics: Metrics;
  log: Log;
  refusals: Refusals;
  findClient: FindClient;
  inquiries: Inquiries;
  catalogues: Catalogues;
  /** What the pages of a site follow; answering the same object again costs nothing. */
  settings: (site: Site) => Settings;
  sdk: SdkFiles;
  /** Inquiries of one address in a minute. */
  inquiriesPerMinute: number;
}

const DIRECTIVES = {
  defaultSrc: ["'none'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
};
const DOCUMENT_SECONDS = 60;
const LATEST_SECONDS = 300;
const YEAR_SECONDS = 31_536_000;

const refuseWith = (parts: AppParts, response: Response, refusal: Refusal): void => {
  parts.refusals.count(refusal.siteId ?? 0, refusal.reason);
  response.status(refusal.status).setHeader('Cache-Control', 'no-store');
  if (refusal.retryAfter !== undefined) response.setHeader('Retry-After', String(refusal.retryAfter));
  response.type('json').send(refusalBody(refusal));
};

const isFresh = (request: Request, etag: string): boolean =>
  (request.headers['if-none-match'] ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);

const sendDocument = (request: Request, response: Response, { body, etag }: Document): void => {
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', `public, max-age=${DOCUMENT_SECONDS}`);
  if (isFresh(request, etag)) response.status(304).end();
  else response.type('json').send(body);
};

const sendFile = (request: Request, response: Response, file: SdkFile, cache: string): void => {
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  response.setHeader(
    'Content-Security-Policy',
    `${String(response.getHeader('Content-Security-Policy'))};sandbox`,
  );
  response.setHeader('ETag', file.etag);
  response.setHeader('Cache-Control', cache);
  response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('Content-Type', file.type);
  if (isFresh(request, file.etag)) {
    response.status(304).end();
    return;
  }
  if (request.acceptsEncodings('gzip', 'identity') === 'gzip') {
    response.setHeader('Content-Encoding', 'gzip');
    response.end(request.method === 'HEAD' ? undefined : file.gzip);
  } else response.end(request.method === 'HEAD' ? undefined : file.body);
};

/** One spelling of a path: what a later decoding would change is refused before anything is routed. */
const plainPath =
  (parts: AppParts): RequestHandler =>
  (request, response, next) => {
    if (/\/\/|\\|%2f|%5c|%2e|\/\.{1,2}(\/|$)/i.test(request.url.split('?', 1)[0]!)) {
      refuseWith(parts, response, refuse(400, 'http', 'the path must be written plainly'));
      return;
    }
    next();
  };

const observe =
  ({ metrics }: AppParts, route: string): RequestHandler =>
  (request, response, next) => {
    const started = performance.now();
    response.once('finish', () => {
      metrics.requestSeconds.observe(
        { route, method: request.method, status: `${Math.floor(response.statusCode / 100)}xx` },
        (performance.now() - started) / 1000,
      );
    });
    next();
  };

/** `POST /v1/inquiries`: JSON only, five a minute from one address. */
const inquiryHandlers = (parts: AppParts): RequestHandler[] => {
  const limit = rateLimit({
    windowMs: 60_000,
    limit: parts.inquiriesPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => {
      const { address } = parts.findClient(
        request.socket.remoteAddress ?? '',
        request.headers['x-forwarded-for'],
      );
      return address.line.includes(':') ? ipKeyGenerator(`${address.line}::`) : address.line;
    },
    validate: false,
    handler: (_request, response) => {
      refuseWith(parts, response, refuse(429, 'rate', 'too many inquiries', { retryAfter: 60 }));
    },
  });
  const read = express.raw({ type: 'application/json', limit: LIMITS.bodyBytes, inflate: false });
  const take: RequestHandler = async (request, response) => {
    if (!Buffer.isBuffer(request.body)) {
      const message = 'an inquiry must be application/json, without encoding';
      refuseWith(parts, response, refuse(415, 'content_type', message));
      return;
    }
    const decoded = decode(request.body);
    if (decoded.kind === 'refused') {
      refuseWith(parts, response, decoded);
      return;
    }
    const inquiry = readInquiry(decoded.value);
    if (inquiry.kind === 'refused') {
      refuseWith(parts, response, inquiry);
      return;
    }
    const site = parts.sites.byKey(inquiry.value.key);
    if (!site) {
      refuseWith(parts, response, refuse(403, 'key', 'unknown key', { field: 'key' }));
      return;
    }
    if (!isOriginAllowed(site, request.headers.origin)) {
      const message = 'pages of this origin may not send for this key';
      refuseWith(parts, response, refuse(403, 'origin', message, { siteId: site.id }));
      return;
    }
    const id = await parts.inquiries.take(site, inquiry.value);
    response.status(201).setHeader('Cache-Control', 'no-store');
    response.json({ id });
  };
  return [observe(parts, '/v1/inquiries'), limit, read, take];
};

/** Everything of the public port but the two event routes. */
export const createApp = (parts: AppParts): Express => {
  const app = express();
  const settings = createSettingsDocuments(parts.settings);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES },
      crossOriginEmbedderPolicy: true,
      crossOriginResourcePolicy: { policy: 'same-site' },
      frameguard: { action: 'deny' },
      hsts: { maxAge: 63_072_000, includeSubDomains: true, preload: true },
    }),
  );
  app.use((request, response, next) => {
    response.setHeader('Permissions-Policy', '');
    response.setHeader('Cache-Control', 'no-store');
    for (const [name, value] of Object.entries(CORS_HEADERS)) response.setHeader(name, value);
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'GET, POST, OPTIONS');
      response.setHeader('Access-Control-Allow-Headers', 'Content-Type');
      response.setHeader('Access-Control-Max-Age', '86400');
      response.status(204).end();
      return;
    }
    next();
  });
  app.use(plainPath(parts));

  app.post('/v1/inquiries', ...inquiryHandlers(parts));

  app.get('/v1/catalogue', observe(parts, '/v1/catalogue'), (request, response) => {
    const key = request.query['key'];
    // the page of a single site need not name it
    const site = key === undefined ? parts.sites.all[0] : parts.sites.byKey(String(key));
    const document = site ? parts.catalogues.of(site) : null;
    if (document) sendDocument(request, response, document);
    else refuseWith(parts, response, refuse(404, 'not_found', 'this site has no catalogue'));
  });

  app.get('/v1/settings', observe(parts, '/v1/settings'), (request, response) => {
    const site = parts.sites.byKey(String(request.query['key'] ?? ''));
    if (site) sendDocument(request, response, settings.of(site));
    else refuseWith(parts, response, refuse(403, 'key', 'unknown key', { field: 'key' }));
  });

  const sdkFile =
    (immutable: boolean): RequestHandler =>
    (request, response) => {
      const { version, name } = request.params as { version?: string; name: string };
      const file = immutable && version !== parts.sdk.version ? undefined : parts.sdk.get(name);
      if (!file) {
        refuseWith(parts, response, refuse(404, 'not_found', 'no such file of the SDK'));
        return;
      }
      const seconds = immutable ? YEAR_SECONDS : LATEST_SECONDS;
      sendFile(request, response, file, `public, max-age=${seconds}${immutable ? ', immutable' : ''}`);
    };
  app.get('/sdk/:name', observe(parts, '/sdk'), sdkFile(false));
  app.get('/sdk/:version/:name', observe(parts, '/sdk'), sdkFile(true));

  const paths = ['/v1/inquiries', '/v1/catalogue', '/v1/settings'];
  app.use((request: Request, response: Response) => {
    const known =
      paths.includes(request.path) || request.path.startsWith('/sdk/') || request.method === 'TRACE';
    if (known && request.method !== 'GET') {
      response.setHeader('Allow', request.path === '/v1/inquiries' ? 'POST, OPTIONS' : 'GET, HEAD, OPTIONS');
      refuseWith(parts, response, refuse(405, 'method', `${request.method} is not answered here`));
    } else if (request.path === '/v1/inquiries') {
      response.setHeader('Allow', 'POST, OPTIONS');
      refuseWith(parts, response, refuse(405, 'method', 'inquiries are posted'));
    } else refuseWith(parts, response, refuse(404, 'not_found', 'nothing here'));
  });

  app.use((error: unknown, request: Request, response: Response, next: (error: unknown) => void) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error instanceof BufferUnavailable) {
      const message = 'nothing can be made durable now';
      refuseWith(parts, response, refuse(503, 'buffer', message, { retryAfter: 5 }));
      return;
    }
    const status = (error as { status?: unknown } | null)?.status;
    if (status === 413) {
      const message = `a body may have at most ${LIMITS.bodyBytes} bytes`;
      refuseWith(parts, response, refuse(413, 'too_large', message));
    } else if (status === 415) {
      refuseWith(parts, response, refuse(415, 'encoding', 'an inquiry must not be encoded'));
    } else if (typeof status === 'number' && status >= 400 && status < 500) {
      refuseWith(parts, response, refuse(400, 'http', 'the request cannot be read'));
    } else {
      parts.log.error('ingest.failed', {
        route: request.path,
        error: String((error as Error)?.stack ?? error),
      });
      refuseWith(parts, response, refuse(500, 'internal', 'unexpected error; see the log'));
    }
  });
  return app;
};
