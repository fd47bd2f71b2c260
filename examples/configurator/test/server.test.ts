import { expect } from 'chai';
import { request } from 'node:http';
import { startDemo, type Demo } from '../server/index.js';
import { renderPage } from '../server/page.js';
import { SITE_KEY } from './support/collector.js';

/** `fetch` tidies addresses and refuses TRACE; this sends what it is told. */
const raw = (url: string, method: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    });
    sent.on('error', reject);
    sent.end();
  });

const COLLECTOR = 'http://127.0.0.1:4100';

describe('demo server', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo({
      port: 0,
      collectorUrl: COLLECTOR,
      siteKey: SITE_KEY,
      sdkIntegrity: 'sha384-abc',
    });
  });
  after(() => demo.stop());

  it('puts collector, key, integrity and a fresh nonce into the page', async () => {
    const pages = await Promise.all([fetch(demo.url), fetch(demo.url)]);
    const texts = await Promise.all(pages.map((page) => page.text()));
    const nonces = pages.map(
      (page) => /'nonce-([^']+)'/.exec(page.headers.get('content-security-policy')!)![1]!,
    );
    expect(nonces[0]).to.not.equal(nonces[1]);
    expect(texts[0]!.split(`nonce="${nonces[0]!}"`).length).to.be.greaterThan(3);
    expect(texts[0]).to.include(`src="${COLLECTOR}/sdk/lintel.js" integrity="sha384-abc"`);
    expect(texts[0]).to.include(`data-key="${SITE_KEY}"`);
    expect(texts[0]).to.not.include('{{');
  });

  it('loads the SDK unchecked when no integrity is known', () => {
    const page = '<script src="{{collector}}/x" integrity="{{integrity}}" data-key="{{key}}">';
    const settings = { collector: 'https://c.example', siteKey: '"><b>', sdkIntegrity: null };
    expect(renderPage(page, settings, 'n')).to.equal(
      '<script src="https://c.example/x" data-key="&#34;&#62;&#60;b&#62;">',
    );
  });

  it('sends every header of the security chapter with every answer', async () => {
    for (const path of ['/', '/konfigurator', '/icon.svg', '/missing']) {
      const { headers } = await fetch(demo.url + path);
      expect(headers.get('content-security-policy')).to.include("require-trusted-types-for 'script'");
      expect(headers.get('content-security-policy')).to.include(`connect-src 'self' ${COLLECTOR}`);
      expect(headers.get('content-security-policy')).to.not.include('unsafe');
      expect(headers.get('strict-transport-security')).to.equal(
        'max-age=63072000; includeSubDomains; preload',
      );
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('referrer-policy')).to.equal('no-referrer');
      expect(headers.get('x-frame-options')).to.equal('DENY');
      expect(headers.get('cross-origin-opener-policy')).to.equal('same-origin');
      expect(headers.get('cross-origin-embedder-policy')).to.equal('require-corp');
      expect(headers.get('cross-origin-resource-policy')).to.equal('same-origin');
      expect(headers.get('access-control-allow-origin')).to.equal(null);
      expect(headers.get('server') ?? headers.get('x-powered-by')).to.equal(null);
    }
  });

  it('answers its five routes, its files, and nothing else', async () => {
    for (const path of ['/', '/konfigurator', '/zusammenfassung', '/anfrage', '/danke?x=1']) {
      expect((await fetch(demo.url + path)).headers.get('content-type')).to.equal('text/html; charset=utf-8');
    }
    const paths = [
      '/index.html',
      '/konfigurator/x',
      '/../server/index.js',
      '/%2e%2e/package.json',
      '//etc/passwd',
    ];
    for (const path of paths) expect(await raw(demo.url, 'GET', path), path).to.equal(404);
    for (const method of ['POST', 'PUT', 'TRACE'])
      expect(await raw(demo.url, method, '/'), method).to.equal(405);
  });

  it('lets hashed files be kept for ever and revalidates the others', async () => {
    const page = await (await fetch(demo.url)).text();
    const script = await fetch(demo.url + /src="(\/assets\/[^"]+\.js)"/.exec(page)![1]!);
    expect(script.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
    const worker = await fetch(`${demo.url}/service-worker.js`);
    expect(worker.headers.get('cache-control')).to.equal('no-cache');
    const again = await fetch(`${demo.url}/service-worker.js`, {
      headers: { 'if-none-match': worker.headers.get('etag')! },
    });
    expect(again.status).to.equal(304);
  });
});
