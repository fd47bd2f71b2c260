import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkBatch, type Answer, type Batch } from '@lintel/protocol';
import type { RowWriter } from '../buffer/row.js';
import type { Clock } from '../clock.js';
import { BufferUnavailable } from '../errors.js';
import type { Log } from '../log.js';
import { CANARY_SITE_ID, type Metrics } from '../monitor/index.js';
import type { Site, Sites } from '../sites.js';
import type { ClientAddress, FindClient } from './address.js';
import { admit, ADMISSION, shed, worthOf, type Load } from './admission.js';
import { sendJson, sendRefusal } from './answer.js';
import { readBody } from './body.js';
import type { BotRate } from './bot-rate.js';
import { levelOf, pageFor } from './consent.js';
import { countryOfHeaders, countryOfZone } from './country.js';
import { NOWHERE, type Locate } from './country-database.js';
import { cleanValue, decode, inflate } from './decode.js';
import { readHead } from './head.js';
import type { Identities } from './identity.js';
import type { FindLanding } from './landing.js';
import type { Limiter } from './limiter.js';
import type { Nonces } from './nonces.js';
import { isOriginAllowed } from './origin.js';
import { refuse, type Refusal } from './refusal.js';
import type { Refusals } from './refusals.js';
import type { Place } from './route.js';
import { verify, type Signed } from './signature.js';
import type { Agent } from './user-agent.js';
import { BOT, judge } from './verdicts.js';

export interface EventsParts {
  sites: Sites;
  writer: RowWriter;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  refusals: Refusals;
  limiter: Limiter;
  nonces: Nonces;
  findClient: FindClient;
  locate: Locate;
  identities: Identities;
  agents: (header: string | undefined) => Agent;
  landings: FindLanding;
  places: (path: string) => Place;
  botRate: BotRate;
  load: () => Load;
  isErased: (stream: string, visitor: string) => boolean;
  /** The process is stopping: answers close their connection. */
  isClosing: () => boolean;
}

export type EventsRoute = '/v1/events' | '/v1/server/events';

interface Accepted {
  kind: 'accepted';
  answer: Answer;
  siteId: number;
}

/** Seconds after which a sender may try again while the buffer is away. */
const BUFFER_RETRY_SECONDS = 5;

/** What a batch is about, for the counters: nothing else leaves this room. */
const typesOf = function* (batch: Batch): Generator<string> {
  for (const event of batch.events) {
    const type = (event as { type?: unknown } | null)?.type;
    if (typeof type === 'string') yield type;
  }
};

/** Answers `/v1/events` and `/v1/server/events`: the steps of the contract, in their order. */
const MARK = { crawler: BOT.named, automated: BOT.automated, none: 0 } as const;

export const createEventsHandler = (
  parts: EventsParts,
): ((
  request: IncomingMessage,
  response: ServerResponse,
  route: EventsRoute,
  query: string,
) => Promise<void>) => {
  const { sites, writer, clock, log, metrics, refusals, limiter } = parts;
  let bytesInFlight = 0;

  /** Steps 6 and 7: whose batch, may it come from there, and not too often. */
  const siteOf = (
    key: string,
    signed: Signed | null,
    origin: string | undefined,
    address: ClientAddress,
  ): Site | Refusal => {
    const site = sites.byKey(key);
    if (!site || (signed && signed.site.id !== site.id)) {
      return refuse(403, 'key', 'key must be the key of a site of this collector', { field: 'key' });
    }
    if (!signed && !isOriginAllowed(site, origin)) {
      return refuse(403, 'origin', 'pages of this origin may not send for this key', { siteId: site.id });
    }
    // a signature is worth more than an address: a site's server speaks for all its visitors
    const wait = signed ? 0 : limiter.take(site.key, address);
    if (wait > 0) {
      return refuse(429, 'rate', 'too many requests', { retryAfter: wait, siteId: site.id });
    }
    return site;
  };

  /** Steps 8 and 9: a decoded body → rows → durable → verdicts. */
  const store = async (
    batch: Batch,
    site: Site,
    signed: Signed | null,
    request: IncomingMessage,
    client: ReturnType<FindClient>,
    received: number,
  ): Promise<Accepted | Refusal> => {
    const fill = writer.fill();
    if (fill >= ADMISSION.watermarks[0]) {
      // one event a minute tells whether anything is taken: it is shed last
      const tooFull = shed(site.id === CANARY_SITE_ID ? 2 : worthOf(typesOf(batch)), fill);
      if (tooFull) return { ...tooFull, siteId: site.id };
    }
    const level = levelOf(batch);
    const page = signed ? (batch.page ?? {}) : pageFor(level, batch.page);
    const header = request.headers['user-agent'];
    const agent = parts.agents(header);
    const identity = signed
      ? parts.identities.ofServer(site.id, batch)
      : parts.identities.ofVisitor(site.id, batch, client.address.network, header ?? '');
    // a site's server is not where its visitors are
    const located = signed ? NOWHERE : parts.locate(client.address);
    const fast =
      !signed && parts.botRate.isFast(level === 'none' ? batch.stream : identity.visitor, batch.events);
    const { rows, orders, events, rejected, repeated } = judge({
      batch,
      site,
      context: {
        siteId: site.id,
        currency: site.currency,
        received,
        sdk: batch.sdk ?? '',
        ...identity,
        consent: level,
        consentText: site.consentText,
        landing: parts.landings(page.url ?? '', page.referrer ?? '', level === 'all' || signed !== null),
        country:
          located.country ||
          (signed ? '' : countryOfHeaders(request.headers, client.proxied)) ||
          countryOfZone(page.timeZone),
        region: located.region,
        language: page.language ?? '',
        agent,
      },
      sentAt: batch.sentAt,
      places: parts.places,
      // a server that relays a page passes the visitor's header on; else the header is its own
      bot: (signed && !batch.page ? 0 : MARK[agent.program ?? 'none']) | (fast ? BOT.fast : 0),
      server: signed !== null,
      isErased: parts.isErased,
    });
    let duplicate = repeated;
    // first: a repeat after a crash in between writes it again, which is harmless there, and the event is no duplicate yet
    if (orders.length > 0) await writer.writeSide('orders', orders);
    if (rows.length > 0) {
      const verdicts = await writer.write(rows);
      for (let at = 0; at < events; at++) if (verdicts[at] === 'duplicate') duplicate++;
    }
    return {
      kind: 'accepted',
      siteId: site.id,
      answer: { accepted: events + repeated - duplicate, duplicate, rejected },
    };
  };

  const handle = async (
    request: IncomingMessage,
    route: EventsRoute,
    query: string,
    held: (bytes: number) => void,
  ): Promise<Accepted | Refusal | { kind: 'gone' }> => {
    const received = clock.now();
    const busy = admit(bytesInFlight, parts.load(), writer.fill());
    if (busy) return busy;
    const head = readHead(request.headers, query);
    if (head.kind === 'refused') return head;
    const body = await readBody(request, held);
    if (body.kind !== 'body') return body;
    // many may have been let in while none had sent its body
    const late = admit(bytesInFlight, parts.load(), 0);
    if (late) return late;
    let signed: Signed | null = null;
    if (route === '/v1/server/events') {
      const verified = verify(request.headers, body.bytes, parts);
      if (verified.kind === 'refused') return verified;
      signed = verified;
    }
    let stored = false;
    try {
      const bytes = head.gzip ? inflate(body.bytes) : body.bytes;
      if (!Buffer.isBuffer(bytes)) return bytes;
      const decoded = decode(bytes);
      if (decoded.kind === 'refused') return decoded;
      const value = decoded.dirty ? cleanValue(decoded.value) : decoded.value;
      const key = (value as { key?: unknown } | null)?.key;
      if (typeof key !== 'string') return refuse(400, 'envelope', 'key is required', { field: 'key' });
      const client = parts.findClient(request.socket.remoteAddress ?? '', request.headers['x-forwarded-for']);
      const site = siteOf(key, signed, request.headers.origin, client.address);
      if ('kind' in site) return site;
      const checked = checkBatch(value);
      if (checked.kind === 'invalid') {
        return refuse(400, 'envelope', checked.message, { field: checked.field, siteId: site.id });
      }
      const batch = checked.value;
      const result = await store(batch, site, signed, request, client, received);
      stored = result.kind === 'accepted';
      return result;
    } catch (error) {
      if (error instanceof BufferUnavailable) {
        return refuse(503, 'buffer', 'nothing can be made durable now', { retryAfter: BUFFER_RETRY_SECONDS });
      }
      log.error('ingest.failed', { route, error: String((error as Error)?.stack ?? error) });
      return refuse(500, 'internal', 'unexpected error; see the log');
    } finally {
      if (stored) signed?.keep();
      else signed?.giveBack();
    }
  };

  const countEvents = ({ siteId, answer }: Accepted): void => {
    const site = String(siteId);
    if (answer.accepted > 0) metrics.events.inc({ site, outcome: 'accepted' }, answer.accepted);
    if (answer.duplicate > 0) metrics.events.inc({ site, outcome: 'duplicate' }, answer.duplicate);
    if (answer.rejected.length === 0) return;
    metrics.events.inc({ site, outcome: 'rejected' }, answer.rejected.length);
    for (const { reason } of answer.rejected) refusals.count(siteId, reason);
  };

  return async (request, response, route, query) => {
    const started = performance.now();
    let held = 0;
    const result = await handle(request, route, query, (bytes) => {
      held += bytes;
      bytesInFlight += bytes;
    });
    bytesInFlight -= held;
    if (result.kind === 'gone') {
      refusals.count(0, 'http');
      return;
    }
    if (result.kind === 'accepted') {
      countEvents(result);
      sendJson(response, 202, JSON.stringify(result.answer), parts.isClosing());
    } else {
      refusals.count(result.siteId ?? 0, result.reason);
      sendRefusal(request, response, result, parts.isClosing());
    }
    metrics.requestSeconds.observe(
      { route, method: 'POST', status: `${Math.floor(response.statusCode / 100)}xx` },
      (performance.now() - started) / 1000,
    );
  };
};
