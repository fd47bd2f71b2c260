import { mkdtempSync, rmSync } from 'node:fs';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import { createAdminServer, openTokens, ROLES, type Tokens } from '../../src/admin/index.js';
import { defineRoute, type Route } from '../../src/admin/route.js';
import { may, PERMISSIONS } from '../../src/admin/permissions.js';
import { ClickHouseUnreachable } from '../../src/errors.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';

const none = Type.Object({});
const routeFor = (permission: Route['permission']): Route =>
  defineRoute({
    method: 'get',
    path: `/api/admin/${permission}`,
    permission,
    summary: permission,
    query: Type.Object({
      n: Type.Integer({ minimum: 1, maximum: 9, default: 3 }),
      kind: Type.Union([Type.Literal('a'), Type.Literal('b')], { default: 'a' }),
      steps: Type.Array(Type.String(), { default: ['x'], maxItems: 3 }),
    }),
    answer: none,
    handle: ({ query }, { token }) => Promise.resolve({ query, role: token.role }),
  });

const down = defineRoute({
  method: 'post',
  path: '/api/admin/down',
  permission: 'analytics.read',
  summary: 'fails as a database does that is away',
  query: none,
  body: Type.Object({ ids: Type.Array(Type.String()) }, { additionalProperties: false }),
  answer: none,
  handle: () => Promise.reject(new ClickHouseUnreachable('no answer')),
});

describe('admin server', () => {
  let folder: string;
  let server: Server;
  let tokens: Tokens;
  let base: string;
  let now = Date.now();
  let ready = true;

  const get = (path: string, secret?: string, headers: Record<string, string> = {}) =>
    fetch(base + path, { headers: { ...headers, ...(secret ? { authorization: `Bearer ${secret}` } : {}) } });

  /** `fetch` would tidy the path before it is sent. */
  const rawStatus = (path: string, secret: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const url = new URL(base);
      request(
        { host: url.hostname, port: url.port, path, headers: { authorization: `Bearer ${secret}` } },
        (response) => {
          response.resume();
          resolve(response.statusCode!);
        },
      )
        .on('error', reject)
        .end();
    });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lintel-admin-'));
    tokens = openTokens(join(folder, 'tokens.json'), { now: () => now });
    server = createAdminServer({
      routes: [...PERMISSIONS.map(routeFor), down],
      tokens,
      health: {
        ready: () => Promise.resolve(ready),
        status: () => Promise.resolve({ ok: 1 }),
        refresh: () => Promise.resolve(),
      },
      metrics: createMetrics(),
      log: silentLog,
      version: '0',
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('answers every role exactly where its permissions say so', async () => {
    for (const role of ROLES) {
      const { secret } = tokens.create({ role });
      for (const permission of PERMISSIONS) {
        const { status } = await get(`/api/admin/${permission}`, secret);
        expect(status, `${role} ${permission}`).to.equal(may(role, permission) ? 200 : 403);
      }
    }
  });

  it('refuses nobody, a stranger, an expired and a revoked token, as problem documents', async () => {
    const short = tokens.create({ role: 'owner', days: 1 });
    const revoked = tokens.create({ role: 'owner' });
    expect((await get('/api/admin/ledger.read', revoked.secret)).status).to.equal(200);
    tokens.revoke(revoked.token.id);
    now += 2 * 86_400_000;
    for (const secret of [undefined, 'lt_made_up', short.secret, revoked.secret]) {
      const response = await get('/api/admin/ledger.read', secret);
      expect(response.status).to.equal(401);
      expect(response.headers.get('content-type')).to.contain('application/problem+json');
      expect(await response.json()).to.include({ title: 'Not authenticated', status: 401 });
    }
  });

  it('lets a Grafana token do only what its route entry names, and change nothing without a user', async () => {
    const { secret } = tokens.create({ role: 'owner', kind: 'grafana' });
    const permission = (name: string) => ({ 'x-lintel-permission': name });
    expect((await get('/api/admin/ledger.read', secret, permission('ledger.read'))).status).to.equal(200);
    expect((await get('/api/admin/tokens.write', secret, permission('ledger.read'))).status).to.equal(403);
    const post = (headers: Record<string, string>) =>
      fetch(`${base}/api/admin/down`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
        body: '{"ids":[]}',
      });
    expect((await post({})).status).to.equal(403);
    expect((await post({ 'x-grafana-context': 'x'.repeat(5000) })).status).to.equal(403);
    expect((await post({ 'x-grafana-context': '{"Login":"mueller"}' })).status).to.equal(503);
  });

  it('names the parameter and the allowed values', async () => {
    const { secret } = tokens.create({ role: 'owner' });
    const ask = async (query: string) =>
      (await get(`/api/admin/ledger.read?${query}`, secret)).json() as Promise<Record<string, unknown>>;
    expect(await ask('n=12')).to.include({
      status: 400,
      parameter: 'n',
      detail: 'n must be an integer from 1 to 9',
    });
    expect(await ask('kind=c')).to.include({ parameter: 'kind', detail: 'kind must be one of a, b' });
    expect(await ask('m=1')).to.include({
      parameter: 'm',
      detail: 'unknown parameter m; known are n, kind, steps',
    });
    expect(await ask('steps=a,b,c,d')).to.include({ parameter: 'steps' });
    expect(await ask('n=1&n=2')).to.include({ detail: 'n must be given once' });
    expect(await ask('steps=a,b')).to.deep.include({ query: { n: 3, kind: 'a', steps: ['a', 'b'] } });
    expect(await ask('steps=a,b&steps=c')).to.deep.include({
      query: { n: 3, kind: 'a', steps: ['a,b', 'c'] },
    });
    expect(await ask('')).to.deep.include({ query: { n: 3, kind: 'a', steps: ['x'] } });
  });

  it('refuses a body that is not strict, and says 503 with Retry-After when the database is away', async () => {
    const { secret } = tokens.create({ role: 'owner' });
    const post = (body: string) =>
      fetch(`${base}/api/admin/down`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body,
      });
    expect((await post('{"ids":[],"more":1}')).status).to.equal(400);
    expect((await post('{"ids":')).status).to.equal(400);
    const away = await post('{"ids":["a"]}');
    expect([away.status, away.headers.get('retry-after')]).to.eql([503, '5']);
  });

  it('refuses paths that a later decoding would change', async () => {
    const { secret } = tokens.create({ role: 'owner' });
    for (const path of [
      '/api/admin/x%2f..%2ftokens',
      '/api//admin/ledger.read',
      '/api/admin/%2e%2e/x',
      '/api/admin/x%5cy',
    ]) {
      expect(await rawStatus(path, secret), path).to.equal(400);
    }
    expect((await get('/api/admin/nowhere', secret)).status).to.equal(404);
  });

  it('serves health and OpenAPI without a token, and follows readiness', async () => {
    expect((await get('/livez')).status).to.equal(200);
    expect((await get('/readyz')).status).to.equal(200);
    ready = false;
    expect((await get('/readyz')).status).to.equal(503);
    ready = true;
    expect(await (await get('/metrics')).text()).to.contain('lintel_ingest_events_total');
    const document = (await (await get('/api/openapi.json')).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).to.include('/api/admin/ledger.read');
  });

  it('does not start with a route that nobody guards', () => {
    const build = (route: Route) => () =>
      createAdminServer({
        routes: [route],
        tokens,
        health: {} as never,
        metrics: createMetrics(),
        log: silentLog,
        version: '0',
      });
    expect(build({ ...routeFor('ledger.read'), permission: 'everything' as never })).to.throw(
      TypeError,
      /no known permission/,
    );
    expect(build({ ...down, body: Type.Object({}) })).to.throw(TypeError, /not strict/);
  });

  it('locks an address out after ten wrong tokens in a minute', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) statuses.push((await get('/api/admin/ledger.read', `wrong-${i}`)).status);
    expect(statuses).to.include(429);
    expect(statuses.filter((status) => status === 401).length).to.be.at.most(10);
  });
});

describe('tokens', () => {
  it('makes the first owner once, keeps no secret, and never loses the last owner', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lintel-tokens-'));
    try {
      const open = () => openTokens(join(folder, 'tokens.json'), { now: () => 1_800_000_000_000 });
      const given = 'given-by-the-environment-0123456789';
      expect(open().ensureOwner(given)).to.eql({ created: true, secret: null });
      expect(open().ensureOwner('another-one-0123456789-0123456789')).to.eql({
        created: false,
        secret: null,
      });
      expect(open().verify(given)).to.include({ role: 'owner' });
      expect(JSON.stringify(open().list())).to.not.contain(given);
      expect(() => open().revoke('first-owner')).to.throw(/last owner/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
