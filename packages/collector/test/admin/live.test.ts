import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import { createAdminServer, openTokens, type Tokens } from '../../src/admin/index.js';
import { createLive } from '../../src/admin/live.js';
import { defineRoute } from '../../src/admin/route.js';
import { ClickHouseUnreachable } from '../../src/errors.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';

/** One message of a stream, or a comment. */
interface Message {
  id?: string;
  event?: string;
  data?: string;
  comment?: string;
  retry?: string;
}

const parse = (block: string): Message =>
  Object.fromEntries(
    block.split('\n').map((line) => {
      const at = line.indexOf(':');
      return [at === 0 ? 'comment' : line.slice(0, at), line.slice(at + 1).trimStart()];
    }),
  );

describe('server-sent events', function () {
  this.timeout(180_000);
  let folder: string;
  let server: Server;
  let tokens: Tokens;
  let port: number;
  let asked = 0;
  let away = false;

  const none = Type.Object({});
  const live = defineRoute({
    method: 'get',
    path: '/api/admin/live',
    permission: 'analytics.read',
    summary: 'answers again and again',
    query: none,
    answer: Type.Object({ asked: Type.Integer(), role: Type.String() }),
    liveMs: 20,
    handle: (_, { token }) =>
      away
        ? Promise.reject(new ClickHouseUnreachable('no answer'))
        : Promise.resolve({ asked: ++asked, role: token.role }),
  });
  const still = defineRoute({ ...live, path: '/api/admin/still', liveMs: undefined as never });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lintel-live-'));
    tokens = openTokens(join(folder, 'tokens.json'), { now: () => Date.now() });
    tokens.create({ role: 'owner' });
    server = createAdminServer({
      routes: [live, still],
      tokens,
      health: {
        ready: () => Promise.resolve(true),
        status: () => Promise.resolve({}),
        refresh: () => Promise.resolve(),
      },
      metrics: createMetrics(),
      log: silentLog,
      version: '0',
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    away = false;
  });

  /** A client that takes events: its messages come one by one. */
  const open = (secret: string, path = '/api/admin/live') =>
    new Promise<{ response: IncomingMessage; next: () => Promise<Message | null>; leave: () => void }>(
      (resolve, reject) => {
        const outgoing = request(
          { port, path, headers: { accept: 'text/event-stream', authorization: `Bearer ${secret}` } },
          (response) => {
            const blocks = (async function* () {
              let rest = '';
              for await (const chunk of response.setEncoding('utf8')) {
                const parts = (rest + String(chunk)).split('\n\n');
                rest = parts.pop()!;
                yield* parts;
              }
            })();
            resolve({
              response,
              next: async () => {
                const { value, done } = await blocks.next();
                return done ? null : parse(value as string);
              },
              leave: () => outgoing.destroy(),
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end();
      },
    );

  it('answer at once, then after every pause, numbered, and stop asking when the client leaves', async () => {
    const { secret } = tokens.create({ role: 'viewer' });
    const stream = await open(secret);
    expect(stream.response.statusCode).to.equal(200);
    expect(stream.response.headers['content-type']).to.equal('text/event-stream; charset=utf-8');
    expect(stream.response.headers['cache-control']).to.equal('no-store');
    expect(await stream.next()).to.eql({ retry: '20' });
    const first = asked;
    for (let i = 0; i < 3; i++) {
      const { id, event, data } = (await stream.next())!;
      expect([id, event]).to.eql([String(i), undefined]);
      expect(JSON.parse(data!)).to.eql({ asked: first + i, role: 'viewer' });
    }
    const left = new Promise((resolve) => stream.response.once('close', resolve));
    stream.leave();
    await left;
    await new Promise((resolve) => setTimeout(resolve, 60));
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(asked).to.equal(before);
  });

  it('refuse a stranger and a role that may not, as ordinary problems', async () => {
    expect((await open('lt_made_up')).response.statusCode).to.equal(401);
    const { secret } = tokens.create({ role: 'auditor' });
    const { response } = await open(secret);
    expect(response.statusCode).to.equal(403);
    expect(response.headers['content-type']).to.contain('application/problem+json');
  });

  it('end when the token is revoked, and say so', async () => {
    const { secret, token } = tokens.create({ role: 'viewer' });
    const stream = await open(secret);
    await stream.next();
    await stream.next();
    tokens.revoke(token.id);
    let last: Message = {};
    for (let message = await stream.next(); message; message = await stream.next()) last = message;
    expect(last.event).to.equal('problem');
    expect(JSON.parse(last.data!)).to.include({ status: 401 });
  });

  it('live through an outage of the database: a problem, then answers again', async () => {
    const { secret } = tokens.create({ role: 'viewer' });
    away = true;
    expect((await open(secret)).response.statusCode, 'away from the start').to.equal(503);
    away = false;
    const stream = await open(secret);
    await stream.next();
    away = true;
    let message = (await stream.next())!;
    while (message.event !== 'problem') message = (await stream.next())!;
    expect(JSON.parse(message.data!)).to.include({ status: 503 });
    away = false;
    while (message.event === 'problem') message = (await stream.next())!;
    expect(JSON.parse(message.data!)).to.have.property('asked');
    stream.leave();
  });

  it('are given only where a route has them, and never for a file', async () => {
    const { secret } = tokens.create({ role: 'viewer' });
    const { response } = await open(secret, '/api/admin/still');
    expect(response.headers['content-type']).to.contain('application/json');
  });

  it('are limited in number, and a stream that ended makes room', async () => {
    const { secret } = tokens.create({ role: 'viewer' });
    const streams = await Promise.all(Array.from({ length: 40 }, () => open(secret)));
    const statuses = streams.map(({ response }) => response.statusCode);
    const taken = statuses.filter((status) => status === 200).length;
    expect(taken).to.be.within(30, 32);
    expect(new Set(statuses)).to.eql(new Set([200, 503]));
    for (const stream of streams) stream.leave();
    // the server hears of those who left a moment later
    let again = await open(secret);
    while (again.response.statusCode !== 200) again = await open(secret);
    again.leave();
  });

  it('beat while an answer takes long', async () => {
    const written: string[] = [];
    let leave = (): void => undefined;
    const response = {
      once: (_: string, gone: () => void) => (leave = gone),
      off: () => undefined,
      setHeader: () => undefined,
      flushHeaders: () => undefined,
      end: () => undefined,
      write: (text: string) => written.push(text),
      writableNeedDrain: false,
    };
    let calls = 0;
    await createLive()(response as never, {
      everyMs: 1,
      heartbeatMs: 15,
      ask: () => (calls++ === 0 ? Promise.resolve('first') : new Promise(() => undefined)),
      problem: () => ({ document: {}, closing: true }),
    });
    while (written.filter((text) => text === ': heartbeat\n\n').length < 2)
      await new Promise((resolve) => setTimeout(resolve, 5));
    leave();
    const told = written.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(written).to.have.length(told);
  });
});
