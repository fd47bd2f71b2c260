import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BUNDLED_CATALOGUE, type Catalogue } from '../../src/catalogue.js';

export const SITE_KEY = 'pk_test';

/** A stand-in for the collector's public port: catalogue and inquiries, and an SDK that only notes its calls. */
export interface StandIn {
  url: string;
  inquiries: Record<string, unknown>[];
  stop(): Promise<void>;
}

const SDK = `{
  const before = window.lintel.q;
  const calls = (window.calls = before.map(([, ...call]) => call));
  const note = (name) => (...fields) => { calls.push([name, ...fields]); };
  const names = ['select', 'price', 'config', 'inquiry', 'track', 'ready', 'consent'];
  window.lintel = Object.fromEntries(names.map((name) => [name, note(name)]));
  window.lintel.stats = () => ({ generated: calls.length, before: before.length });
}`;

export const startStandIn = async ({
  catalogue = BUNDLED_CATALOGUE,
  inquiryStatus = 201,
}: { catalogue?: Catalogue; inquiryStatus?: number } = {}): Promise<StandIn> => {
  const inquiries: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'content-type');
    response.setHeader('cross-origin-resource-policy', 'cross-origin');
    const path = (request.url ?? '').split('?')[0];
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'OPTIONS') response.writeHead(204).end();
      else if (path === '/sdk/lintel.js')
        response.writeHead(200, { 'content-type': 'text/javascript' }).end(SDK);
      else if (path === '/v1/catalogue') {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(catalogue));
      } else if (path === '/v1/inquiries') {
        inquiries.push(JSON.parse(body) as Record<string, unknown>);
        response.writeHead(inquiryStatus, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ id: '0b6f2f0e-6f0a-4d5c-9d5c-1f2e3d4c5b6a' }));
      } else response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inquiries,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** An origin where nobody listens: a port that was free a moment ago. */
export const vacantOrigin = async (): Promise<string> => {
  const { stop, url } = await startStandIn();
  await stop();
  return url;
};
