import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DEFAULT_SETTINGS, type Settings } from '@lintel/protocol';
import { expect } from 'chai';
import { aSite, startIngest, type Ingest, type Reply } from './support.js';

const SDK = 'window.lintel = {};\n'.repeat(50);
const integrity = (text: string): string => `sha384-${createHash('sha384').update(text).digest('base64')}`;
const CSP = "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'";

describe('documents of the public port', () => {
  let ingest: Ingest;
  let sdkDir: string;

  before(async () => {
    sdkDir = mkdtempSync(join(tmpdir(), 'lintel-sdk-'));
    writeFileSync(join(sdkDir, 'lintel.js'), SDK);
    writeFileSync(
      join(sdkDir, 'manifest.json'),
      JSON.stringify({
        version: '1.2.0',
        files: { 'lintel.js': { integrity: integrity(SDK), bytes: SDK.length, gzip: 40 } },
      }),
    );
    ingest = await startIngest({ sdkDir, sites: [aSite(), aSite({ id: 8, key: 'pk_two' })] });
  });
  after(async () => {
    await ingest.close();
    rmSync(sdkDir, { recursive: true });
  });
  const get = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
    ingest.send({ method: 'GET', path, headers });

  it('serves the latest SDK for five minutes and a version for ever', async () => {
    const latest = await get('/sdk/lintel.js');
    expect(latest.status).to.equal(200);
    expect(latest.text).to.equal(SDK);
    expect(latest.headers).to.include({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'content-security-policy': `${CSP};sandbox`,
      vary: 'Accept-Encoding',
    });
    const versioned = await get('/sdk/1.2.0/lintel.js');
    expect(versioned.text).to.equal(SDK);
    expect(versioned.headers['cache-control']).to.equal('public, max-age=31536000, immutable');
    expect((await get('/sdk/1.1.0/lintel.js')).status).to.equal(404);
    const manifest = await get('/sdk/manifest.json');
    expect(JSON.parse(manifest.text)).to.have.property('version', '1.2.0');
  });

  it('answers 304 to who has it, and gzip to who reads it', async () => {
    const { etag } = (await get('/sdk/lintel.js')).headers;
    const fresh = await get('/sdk/lintel.js', { 'if-none-match': String(etag) });
    expect([fresh.status, fresh.text]).to.deep.equal([304, '']);
    const answer = await fetch(`${ingest.url}/sdk/lintel.js`, { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers.get('content-encoding')).to.equal('gzip');
    expect(await answer.text()).to.equal(SDK);
    expect(gunzipSync).to.be.a('function');
  });

  it('serves nothing that the manifest does not name', async () => {
    writeFileSync(join(sdkDir, 'secret.txt'), 'secret');
    for (const path of [
      '/sdk/secret.txt',
      '/sdk/../secret.txt',
      '/sdk/%2e%2e/secret.txt',
      '/sdk//secret.txt',
    ]) {
      expect((await get(path)).status, path).to.be.oneOf([400, 404]);
    }
  });

  it('does not serve an SDK that differs from its manifest, and goes on', async () => {
    const broken = mkdtempSync(join(tmpdir(), 'lintel-sdk-'));
    writeFileSync(join(broken, 'lintel.js'), 'tampered');
    writeFileSync(
      join(broken, 'manifest.json'),
      JSON.stringify({ version: '1', files: { 'lintel.js': { integrity: integrity(SDK) } } }),
    );
    const other = await startIngest({ sdkDir: broken });
    expect((await other.send({ method: 'GET', path: '/sdk/1/lintel.js' })).status).to.equal(404);
    await other.close();
    rmSync(broken, { recursive: true });
  });

  it('answers settings that are equal for everybody and cacheable', async () => {
    const reply = await get('/v1/settings?key=pk_test');
    expect(JSON.parse(reply.text)).to.deep.equal(DEFAULT_SETTINGS);
    expect(reply.headers).to.include({
      'cache-control': 'public, max-age=60',
      'access-control-allow-origin': '*',
      'content-security-policy': CSP,
    });
    const again = await get('/v1/settings?key=pk_test', { 'if-none-match': String(reply.headers.etag) });
    expect(again.status).to.equal(304);
    expect((await get('/v1/settings?key=nobody')).json.reason).to.equal('key');
  });

  it('answers what it is told about a site, under another tag when that changes', async () => {
    let said: Settings = { ...DEFAULT_SETTINGS, pause: 60 };
    const other = await startIngest({ settings: () => said });
    const ask = () => other.send({ method: 'GET', path: '/v1/settings?key=pk_test' });
    const first = await ask();
    expect(JSON.parse(first.text)).to.deep.include({ pause: 60 });
    said = { ...said, level: 'none' };
    const second = await ask();
    expect(JSON.parse(second.text)).to.deep.include({ level: 'none' });
    expect(second.headers.etag).not.to.equal(first.headers.etag);
    await other.close();
  });

  it('reads the catalogue from the data directory, and sees it change', async () => {
    expect((await get('/v1/catalogue')).json.reason).to.equal('not_found');
    const write = (name: string, version: string) => {
      mkdirSync(ingest.dataDir, { recursive: true });
      writeFileSync(join(ingest.dataDir, name), JSON.stringify({ version, models: [] }));
    };
    await ingest.close();
    ingest = await startIngest({ sdkDir, sites: [aSite(), aSite({ id: 8, key: 'pk_two' })] });
    write('catalogue.json', '2026-11');
    write('catalogue-8.json', 'two');
    const reply = await get('/v1/catalogue');
    expect(JSON.parse(reply.text)).to.deep.include({ version: '2026-11' });
    expect(reply.headers['cache-control']).to.equal('public, max-age=60');
    expect((await get('/v1/catalogue', { 'if-none-match': String(reply.headers.etag) })).status).to.equal(
      304,
    );
    expect(JSON.parse((await get('/v1/catalogue?key=pk_two')).text)).to.deep.include({ version: 'two' });
  });

  it('sends the headers of the contract on everything', async () => {
    for (const path of ['/', '/v1/settings?key=pk_test', '/sdk/lintel.js', '/v1/nothing', '/v1/inquiries']) {
      const { headers } = await get(path);
      expect(headers, path).to.include({
        'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'permissions-policy': '',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      });
      expect(headers).not.to.have.any.keys('x-powered-by', 'server', 'access-control-allow-credentials');
    }
  });

  it('answers 404 and 405 with a reason', async () => {
    expect((await get('/v1/nothing')).json.reason).to.equal('not_found');
    for (const [method, path] of [
      ['GET', '/v1/inquiries'],
      ['POST', '/v1/settings'],
      ['TRACE', '/'],
      ['DELETE', '/sdk/lintel.js'],
    ] as const) {
      const reply = await ingest.send({ method, path });
      expect([reply.status, reply.json.reason], `${method} ${path}`).to.deep.equal([405, 'method']);
    }
  });

  it('never reflects an origin', async () => {
    for (const origin of [
      'null',
      'https://evil.test',
      'https://nest.example',
      'https://xn--nst-hoa.example',
    ]) {
      const { headers } = await get('/v1/settings?key=pk_test', { origin });
      expect(headers['access-control-allow-origin']).to.equal('*');
    }
  });
});
