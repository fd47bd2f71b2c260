import {
  createServer,
  IncomingMessage,
  ServerResponse,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import type { Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { DEFAULT_SETTINGS, type Settings } from '@lintel/protocol';
import type { Express } from 'express';
import type { RowWriter } from '../buffer/row.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';
import type { Site, Sites } from '../sites.js';
import { createFindClient } from './address.js';
import { sampleLoad, type LoadSampler } from './admission.js';
import { sendPreflight, sendRaw, sendRefusal } from './answer.js';
import { createApp } from './app.js';
import { createBotRate } from './bot-rate.js';
import { NOWHERE, type Locate } from './country-database.js';
import { createCatalogues } from './documents.js';
import { createEventsHandler, type EventsRoute } from './events.js';
import { shareLimits, type Exchange } from './exchange.js';
import { createIdentities } from './identity.js';
import { createInquiries } from './inquiries.js';
import { createLandings } from './landing.js';
import { createLimiter, DEFAULT_RATES, type Rates } from './limiter.js';
import { createNonces } from './nonces.js';
import { createPseudonyms } from './pseudonym.js';
import { refuse } from './refusal.js';
import { createRefusals } from './refusals.js';
import { createPlaces } from './route.js';
import { createSalts, type Salts } from './salts.js';
import { watchReaders } from './slow-readers.js';
import { readSdkFiles } from './sdk-files.js';
import { createSealer } from './sealing.js';
import { createAgents } from './user-agent.js';

export interface PublicServerOptions {
  sites: Sites;
  writer: RowWriter;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Number of proxies in front, or their CIDRs. */
  trustProxy: number | readonly string[];
  /** Holds `catalogue.json`. */
  dataDir: string;
  /** Folder of the built SDK with its `manifest.json`. */
  sdkDir: string;
  /** 32 bytes; several: the first wraps, all unwrap. */
  masterKey: Uint8Array | readonly Uint8Array[];
  /** Token buckets; default `DEFAULT_RATES`. */
  rates?: Rates;
  /** The other processes that take events for the same sites; default: this one counts alone. */
  exchange?: Exchange;
  /** Where an address is, beyond what headers and time zones tell; default: nobody knows. */
  locate?: Locate;
  /** Default 5. */
  inquiriesPerMinute?: number;
  /** Answer of `GET /v1/settings`; default: nothing runs, nothing is off. */
  settings?: (site: Site) => Settings;
  /** Erasures that late batches must respect; default: none asked for. */
  isErased?: (stream: string, visitor: string) => boolean;
  /** Seams of the tests; by default what this process measures and a folder in memory. */
  load?: LoadSampler;
  salts?: Salts;
}

export interface PublicServer {
  server: Server;
  listen(port: number, host: string): Promise<void>;
  /** No new connections; requests in flight end with their answer; resolves when the last one has. */
  close(): Promise<void>;
}

/**
 * Node looks for slow connections every 30 s by default, whatever the timeouts say: 400 slow ones against 300 file
 * handles took the listener down; at 500 ms 22 of 24 probes were answered.
 */
const SLOW_CLIENTS: ServerOptions = {
  connectionsCheckingInterval: 500,
  headersTimeout: 3000,
  requestTimeout: 10_000,
  keepAliveTimeout: 15_000,
  maxHeaderSize: 8192,
};

/** File handles left for files, the buffer and the database. */
const SPARE_HANDLES = 100;

/** Soft limit of open files of this process, or null where the system does not tell. */
const fileLimit = (): number | null => {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return line ? Number(line[1]) : null;
  } catch {
    return null; // not Linux
  }
};

/**
 * Classes whose prototypes Express takes for its own: it sets the prototype of every request and response, which on
 * Node 20 makes them slow objects (195 µs a request against 71), unless it is the right one already.
 */
const expressClasses = (app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> => {
  class PublicRequest extends IncomingMessage {}
  class PublicResponse extends ServerResponse<IncomingMessage> {}
  Object.setPrototypeOf(PublicRequest.prototype, app.request);
  Object.setPrototypeOf(PublicResponse.prototype, app.response);
  app.request = PublicRequest.prototype as unknown as Express['request'];
  app.response = PublicResponse.prototype as unknown as Express['response'];
  return { IncomingMessage: PublicRequest, ServerResponse: PublicResponse as typeof ServerResponse };
};

const isEventsRoute = (path: string): path is EventsRoute =>
  path === '/v1/events' || path === '/v1/server/events';

/** Status lines of what never became a request. */
const RAW: Readonly<Record<string, readonly [string, 'http' | 'timeout', string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'timeout', 'the request took too long to arrive'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'http', 'headers may have 8192 bytes'],
};
const NOT_HTTP = ['400 Bad Request', 'http', 'not readable as HTTP/1.1'] as const;

/** The public port: the two event routes by hand, everything else by Express. */
export const createPublicServer = (options: PublicServerOptions): PublicServer => {
  const { sites, writer, clock, log, metrics, dataDir } = options;
  const load = options.load ?? sampleLoad();
  const refusals = createRefusals({ metrics, log });
  const findClient = createFindClient(options.trustProxy);
  const masterKeys = options.masterKey instanceof Uint8Array ? [options.masterKey] : options.masterKey;
  const limiter = createLimiter({
    clock,
    rates: options.rates ?? DEFAULT_RATES,
    ...(options.exchange ? { pseudonyms: createPseudonyms(masterKeys[0]!, clock) } : {}),
  });
  const stopSharing = options.exchange ? shareLimits(limiter, options.exchange) : () => {};
  let closing = false;

  const handleEvents = createEventsHandler({
    sites,
    writer,
    clock,
    log,
    metrics,
    refusals,
    findClient,
    locate: options.locate ?? (() => NOWHERE),
    limiter,
    nonces: createNonces(clock),
    identities: createIdentities({ clock, salts: options.salts ?? createSalts({ clock, dataDir, log }) }),
    agents: createAgents(),
    landings: createLandings(),
    places: createPlaces(),
    botRate: createBotRate(clock),
    load: load.read,
    isErased: options.isErased ?? (() => false),
    isClosing: () => closing,
  });

  const app = createApp({
    sites,
    metrics,
    log,
    refusals,
    findClient,
    inquiries: createInquiries({ writer, clock, sealer: createSealer(masterKeys) }),
    catalogues: createCatalogues({ dataDir, log }),
    settings: options.settings ?? (() => DEFAULT_SETTINGS),
    sdk: readSdkFiles(options.sdkDir, log),
    inquiriesPerMinute: options.inquiriesPerMinute ?? 5,
  });

  /** Answers of Express that are on their way. */
  const answering = new Set<ServerResponse>();
  const route: RequestListener = (request, response) => {
    const url = request.url ?? '';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    if (!isEventsRoute(path)) {
      answering.add(response);
      response.once('close', () => answering.delete(response));
      (app as unknown as RequestListener)(request, response);
      return;
    }
    if (request.method === 'POST') {
      void handleEvents(request, response, path, mark < 0 ? '' : url.slice(mark + 1));
    } else if (request.method === 'OPTIONS') {
      sendPreflight(response);
    } else {
      refusals.count(0, 'method');
      sendRefusal(request, response, refuse(405, 'method', 'events are posted'), closing);
    }
  };

  const server = createServer({ ...SLOW_CLIENTS, ...expressClasses(app) }, route);
  const handles = fileLimit();
  if (handles !== null) server.maxConnections = Math.max(50, handles - SPARE_HANDLES);

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [statusLine, reason, message] = RAW[error.code ?? ''] ?? NOT_HTTP;
    refusals.count(0, reason);
    sendRaw(socket, statusLine, refuse(400, reason, message));
  });

  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const readers = watchReaders(sockets, () => refusals.count(0, 'timeout'));

  return {
    server,
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve();
        });
      }),
    close: () =>
      new Promise((resolve) => {
        closing = true;
        load.stop();
        stopSharing();
        // idle connections are closed by this, busy ones after their answer
        server.close(() => {
          readers.stop();
          resolve();
        });
        // it does not know those that never asked anything: a browser opens spare ones
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
        for (const response of answering)
          if (!response.headersSent) response.setHeader('Connection', 'close');
      }),
  };
};
