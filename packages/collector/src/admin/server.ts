import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Value } from '@sinclair/typebox/value';
import express, { type RequestHandler } from 'express';
import helmet from 'helmet';
import { BadParameter } from '../errors.js';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';
import { authorise } from './authorise.js';
import { healthRouter, type Health } from './health.js';
import { createLive, wantsEvents } from './live.js';
import { lockOut } from './lock-out.js';
import { openApi } from './openapi.js';
import { parseParameters } from './parameters.js';
import { problemHandler, problemOf, sendProblem } from './problem.js';
import { checkRoutes, isStreamed, type Route } from './route.js';
import type { Tokens } from './tokens.js';

export interface AdminOptions {
  routes: readonly Route[];
  tokens: Tokens;
  health: Health;
  metrics: Metrics;
  log: Log;
  version: string;
}

const CSP = {
  defaultSrc: ["'none'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
};

/**
 * Looked at before anything routes: a path that a later decoding would change is refused (Grafana's proxy unescapes
 * once, so `inquiries/%2e%2e/tokens` would arrive under the wrong permission).
 */
const plainPath: RequestHandler = (request, response, next) => {
  const path = request.url.split('?', 1)[0]!;
  if (/\/\/|\\|%2f|%5c|%2e|\/\.{1,2}(\/|$)/i.test(path)) {
    sendProblem(
      response,
      400,
      'BAD_PARAMETER',
      'the path must not hold dot segments, empty segments or encoded slashes',
      'path',
    );
    return;
  }
  next();
};

const serve =
  (route: Route, { tokens, metrics }: AdminOptions, live: ReturnType<typeof createLive>): RequestHandler =>
  async (request, response) => {
    const started = performance.now();
    let watched = false;
    response.once('finish', () => {
      // how long somebody watches is no latency
      if (watched) return;
      metrics.requestSeconds.observe(
        { route: route.path, method: route.method, status: `${Math.floor(response.statusCode / 100)}xx` },
        (performance.now() - started) / 1000,
      );
    });
    const token = authorise(request, route.permission, tokens);
    const query = parseParameters(route.query, request.query);
    const body: unknown = request.body ?? {};
    const wrong = route.body ? Value.Errors(route.body, body).First() : undefined;
    if (wrong)
      throw new BadParameter(
        wrong.path.slice(1) || 'body',
        `${wrong.path.slice(1) || 'body'}: ${wrong.message}`,
      );
    const requestId = String(response.locals['requestId']);
    const input = { query, body, path: request.params as Record<string, string> };
    // a file is a file, whatever else the client would take
    if (route.liveMs !== undefined && wantsEvents(request) && request.query['format'] === undefined) {
      watched = true;
      await live(response, {
        everyMs: route.liveMs,
        // a token that was revoked or ran out hears no more
        ask: async () =>
          route.handle(input, { token: authorise(request, route.permission, tokens), requestId }),
        problem: (error) => {
          const document = problemOf(error, requestId);
          return { document, closing: document.status < 500 };
        },
      });
      return;
    }
    const answer = await route.handle(input, { token, requestId });
    if (!isStreamed(answer)) {
      response.json(answer);
      return;
    }
    // the first bytes decide the status: an error of the database must not become an empty file
    const bytes = answer.body[Symbol.asyncIterator]();
    const first = await bytes.next();
    response.setHeader('Content-Type', answer.contentType);
    response.setHeader('Content-Disposition', `attachment; filename="${answer.fileName}"`);
    const all = async function* () {
      if (!first.done) yield first.value;
      yield* { [Symbol.asyncIterator]: () => bytes };
    };
    await pipeline(all(), response);
  };

/** The admin port: never public, bearer tokens only, every error a problem document. */
export const createAdminServer = (options: AdminOptions): Server => {
  const { routes, health, metrics, log, version } = options;
  checkRoutes(routes);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use((_request, response, next) => {
    response.locals['requestId'] = randomUUID();
    response.setHeader('X-Request-Id', String(response.locals['requestId']));
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: CSP },
      crossOriginEmbedderPolicy: true,
      frameguard: { action: 'deny' },
      hsts: { maxAge: 63_072_000, includeSubDomains: true, preload: true },
    }),
  );
  app.use(plainPath);
  app.use(healthRouter(health, metrics));
  const document = openApi(routes, version);
  app.get('/api/openapi.json', (_request, response) => {
    response.json(document);
  });
  app.use(lockOut());
  app.use(express.json({ limit: '256kb', strict: true }));
  const live = createLive();
  for (const route of routes) app[route.method](route.path, serve(route, options, live));
  app.use((request, response) => {
    const known = routes.some((route) => route.path === request.path);
    if (known) sendProblem(response, 405, 'METHOD', `${request.method} is not answered here`);
    else sendProblem(response, 404, 'NOT_FOUND', `no route ${request.path}; see /api/openapi.json`);
  });
  app.use(problemHandler(log));
  return createServer({ headersTimeout: 3000, requestTimeout: 30_000 }, app);
};
