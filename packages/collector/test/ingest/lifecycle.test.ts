import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { createPublicServer, type PublicServer } from '../../src/ingest/index.js';
import { createSites } from '../../src/sites.js';
import { aBatch, aSite, createMemoryWriter, NOW, type MemoryWriter } from './support.js';

const body = JSON.stringify(aBatch());
const head = (more = ''): string =>
  `POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n${more}\r\n`;

describe('public server', () => {
  let writer: MemoryWriter;
  let ingest: PublicServer;
  let port: number;

  beforeEach(async () => {
    writer = createMemoryWriter();
    ingest = createPublicServer({
      sites: createSites([aSite()]),
      writer,
      clock: { now: () => NOW },
      log: silentLog,
      metrics: createMetrics(),
      trustProxy: 0,
      dataDir: '/nonexistent',
      sdkDir: '/nonexistent',
      masterKey: Buffer.alloc(32, 'k'),
      salts: { today: () => ({ day: 1, salt: Buffer.alloc(16), before: null }) },
    });
    await ingest.listen(0, '127.0.0.1');
    port = (ingest.server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    const closed = ingest.close();
    ingest.server.closeAllConnections();
    await closed.catch(() => {});
  });

  const open = async (): Promise<Socket & { heard(): string }> => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => {});
    await once(socket, 'connect');
    return Object.assign(socket, { heard: () => text });
  };
  const turns = async (n = 20): Promise<void> => {
    for (let turn = 0; turn < n; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('answers 202 only after the rows are durable', async () => {
    let durable = (): void => {};
    writer.gate = new Promise((resolve) => (durable = resolve));
    const socket = await open();
    socket.write(head() + body);
    await turns(200);
    expect(socket.heard()).to.equal('');
    durable();
    await once(socket, 'data');
    expect(socket.heard()).to.match(/^HTTP\/1\.1 202 /);
    expect(writer.rows).to.have.length(1);
    socket.destroy();
  });

  it('ends requests in flight with their 202 when it stops, and takes no new connection', async () => {
    const waiting = await open();
    waiting.write(head() + body.slice(0, -1));
    const idle = await open();
    await turns();
    let closed = false;
    const close = ingest.close().then(() => (closed = true));
    await turns();
    expect(closed).to.equal(false);
    const refused = connect(port, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).to.equal('ECONNREFUSED');
    waiting.write(body.slice(-1));
    await once(waiting, 'end');
    expect(waiting.heard()).to.match(/^HTTP\/1\.1 202 /);
    expect(waiting.heard()).to.match(/connection: close/i);
    await close;
    expect(idle.destroyed || idle.readableEnded).to.equal(true);
  });

  it('ends an inquiry in flight with its 201, and does not keep its connection', async () => {
    let durable = (): void => {};
    writer.gate = new Promise((resolve) => (durable = resolve));
    const inquiry = JSON.stringify({ key: 'pk_test', contact: { name: 'A', email: 'a@b.at' } });
    const socket = await open();
    const start = `POST /v1/inquiries HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${inquiry.length}\r\n\r\n`;
    // not ended by its sender before the stop begins: the head is read, the body is on its way
    socket.write(start);
    await turns();
    const close = ingest.close();
    const late = await new Promise<boolean>((resolve) => {
      socket.once('close', () => resolve(true));
      socket.write(inquiry, () => resolve(false));
    });
    expect(late).to.equal(false);
    await turns(100);
    durable();
    await once(socket, 'end');
    expect(socket.heard()).to.match(/^HTTP\/1\.1 201 /);
    expect(socket.heard()).to.match(/connection: close/i);
    await close;
    expect(writer.side.map(({ table }) => table)).to.deep.equal(['keys', 'inquiries']);
  });

  it('stops while connections are kept alive', async () => {
    const socket = await open();
    socket.write(head() + body);
    await once(socket, 'data');
    const ended = once(socket, 'close');
    await ingest.close();
    await ended;
  });

  it('answers what is no HTTP, and counts it', async () => {
    const socket = await open();
    socket.write('GARBAGE\r\n\r\n');
    await once(socket, 'close');
    expect(socket.heard()).to.match(/^HTTP\/1\.1 400 /);
    expect(socket.heard()).to.contain('access-control-allow-origin'.replace(/\b\w/g, (c) => c.toUpperCase()));
    expect(socket.heard()).to.contain('"reason":"http"');
  });

  it('counts a sender that hangs up', async () => {
    const socket = await open();
    socket.write(head() + body.slice(0, 10));
    await turns();
    socket.destroy();
    await turns(50);
    expect(writer.rows).to.have.length(0);
  });
});
