import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readSite, type StaticFile } from './files.js';
import { contentSecurityPolicy, SECURITY_HEADERS } from './headers.js';
import { renderPage } from './page.js';

export interface DemoOptions {
  /** 0 for a free one. */
  port: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Where the SDK, the catalogue and the ingest are, for instance `http://127.0.0.1:4100`. */
  collectorUrl: string;
  siteKey: string;
  /** `sha384-…` of `/sdk/lintel.js`; absent or null loads it without a check. */
  sdkIntegrity?: string | null;
}
export interface Demo {
  url: string;
  stop(): Promise<void>;
}

/** Addresses that the page itself answers; all others are files. */
const ROUTES: ReadonlySet<string> = new Set(['/', '/konfigurator', '/zusammenfassung', '/anfrage', '/danke']);

/** The built site, seen from `dist/server/index.js` and, in tests, from this file. */
const SITE = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/site' : '../site', import.meta.url),
);

const encodingFor = (request: IncomingMessage): 'identity' | 'gzip' | 'br' => {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  return /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : 'identity';
};

const sendText = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(text);
};

const sendFile = (request: IncomingMessage, response: ServerResponse, file: StaticFile): void => {
  const headers = { etag: file.etag, 'cache-control': file.cacheControl, vary: 'Accept-Encoding' };
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const encoding = encodingFor(request);
  const body = file.bodies[encoding];
  response.writeHead(200, {
    ...headers,
    'content-type': file.type,
    'content-length': body.length,
    ...(encoding !== 'identity' && body !== file.bodies.identity ? { 'content-encoding': encoding } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
};

/**
 * Serves the built configurator.
 * @throws when the site has not been built, or the port is taken
 */
export const startDemo = async ({
  port,
  host = '127.0.0.1',
  collectorUrl,
  siteKey,
  sdkIntegrity = null,
}: DemoOptions): Promise<Demo> => {
  const site = await readSite(SITE);
  const index = site.get('/index.html');
  if (!index) throw new Error('the configurator has not been built: run its build first');
  const template = index.bodies.identity.toString('utf8');
  const collector = new URL(collectorUrl).origin;
  const settings = { collector, siteKey, sdkIntegrity };

  const sendPage = (request: IncomingMessage, response: ServerResponse): void => {
    const nonce = randomBytes(18).toString('base64');
    response.setHeader('content-security-policy', contentSecurityPolicy(collector, nonce));
    const body = Buffer.from(renderPage(template, settings, nonce));
    response.writeHead(200, {
      'content-type': index.type,
      'content-length': body.length,
      'cache-control': 'no-cache',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  };

  const server = createServer({ requestTimeout: 10_000, headersTimeout: 3000 }, (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    response.setHeader('content-security-policy', contentSecurityPolicy(collector, null));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      sendText(response, 405, 'only GET and HEAD\n');
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const file = path === '/index.html' ? undefined : site.get(path);
    if (ROUTES.has(path)) sendPage(request, response);
    else if (file) sendFile(request, response, file);
    else sendText(response, 404, 'not found\n');
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
};
