import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { checkBatch, checkEvent, type Batch } from '@lintel/protocol';

/** An event as it was stored, with the batch it came in. */
export interface Stored {
  seq: number;
  at: number;
  type: string;
  path?: string;
  [field: string]: unknown;
}
export interface Received {
  batch: Batch;
  bytes: number;
  gzip: boolean;
}
/** What the next requests are answered instead. */
export type Fault = (request: IncomingMessage, response: ServerResponse, batch: Batch) => boolean;

/**
 * A small collector that keeps the wire's rules: it checks every batch and event against the protocol, knows each
 * (stream, seq) once, and can be told to misbehave.
 */
export interface Double {
  url: string;
  received: Received[];
  /** (stream, seq) → event, each once. */
  stored: Map<string, Stored>;
  duplicates: number;
  ended: Map<string, number>;
  /** Events or batches that break the protocol: always empty when the SDK is right. */
  refused: string[];
  fault: Fault | null;
  settings: object;
  /** Paths of the files that were asked for, in order. */
  served: string[];
  ofType(type: string): Stored[];
  /** Events of a type with the stream they came in. */
  streamsOf(type: string): { stream: string; event: Stored }[];
  stop(): Promise<void>;
}

const FILES = new URL('../../dist/', import.meta.url);

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

export const startDouble = async (): Promise<Double> => {
  const double: Double = {
    url: '',
    received: [],
    stored: new Map(),
    duplicates: 0,
    ended: new Map(),
    refused: [],
    fault: null,
    settings: {},
    served: [],
    ofType: (type) => [...double.stored.values()].filter((event) => event.type === type),
    streamsOf: (type) =>
      [...double.stored]
        .map(([key, event]) => ({ stream: key.split(':')[0]!, event }))
        .filter(({ event }) => event.type === type),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const raw = await bodyOf(request);
    const gzip = request.url!.includes('z=gzip');
    const batch = JSON.parse((gzip ? gunzipSync(raw) : raw).toString('utf8')) as Batch;
    if (double.fault?.(request, response, batch)) return;
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const checked = checkBatch(batch);
    if (checked.kind === 'invalid') {
      double.refused.push(`${checked.field} ${checked.message}`);
      answer(400, { reason: 'envelope' });
      return;
    }
    double.received.push({ batch, bytes: raw.length, gzip });
    for (const { stream, count } of batch.ended ?? []) double.ended.set(stream, count);
    const rejected: { seq: number; reason: string }[] = [];
    let accepted = 0;
    let duplicate = 0;
    for (const event of batch.events as Stored[]) {
      const verdict = checkEvent(event);
      const key = `${batch.stream}:${event.seq}`;
      if (verdict.kind === 'invalid') {
        double.refused.push(`${event.type} ${verdict.field} ${verdict.message}`);
        rejected.push({ seq: event.seq, reason: verdict.reason });
      } else if (double.stored.has(key)) duplicate++;
      else {
        double.stored.set(key, event);
        accepted++;
      }
    }
    double.duplicates += duplicate;
    answer(202, { accepted, duplicate, rejected });
  };

  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'Retry-After');
    response.setHeader('cross-origin-resource-policy', 'cross-origin');
    const path = request.url!.split('?')[0]!;
    if (request.method === 'OPTIONS') response.writeHead(204).end();
    else if (path === '/v1/events') void take(request, response).catch(() => response.destroy());
    else if (path === '/v1/settings') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(double.settings));
    } else if (/^\/sdk\/[\w.-]+\.js$/.test(path)) {
      double.served.push(path);
      response.writeHead(200, { 'content-type': 'text/javascript' });
      response.end(readFileSync(new URL(path.slice('/sdk/'.length), FILES)));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  double.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return double;
};
