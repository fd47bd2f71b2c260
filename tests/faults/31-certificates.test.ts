import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { startSite, type Site } from '../../packages/sdk/test/support/site.js';
import { createBooks, type Books } from '../sdk/support/books.js';
import { createVisitor, READY, type Visitor } from '../sdk/support/stage.js';
import {
  createAuthority,
  missingForCertificates,
  type Authority,
  type Certificate,
} from '../support/certificates.js';
import { startCollector, type Collector } from '../support/collector.js';
import { scaled } from '../support/scale.js';
import { SITE } from '../support/site.js';
import { startTlsLine, type TlsLine } from '../support/tls-line.js';
import { until } from '../support/until.js';

const EVENTS = 20;
const PATIENCE_MS = 60_000;

/**
 * Fault 31 as visitors see it: the certificate in front of the collector runs out, or is somebody else's. Whatever a page
 * has to tell then stays on the device, and is stored once when the certificate has been renewed.
 */
describe('31 certificates', function () {
  this.timeout(180_000);
  let authority: Authority;
  let stranger: Authority;
  let collector: Collector;
  let line: TlsLine;
  let visitor: Visitor;
  let site: Site;
  let books: Books;
  let good: Certificate;

  before(async function () {
    const missing = missingForCertificates();
    if (missing !== null) {
      console.log(`    not run: ${missing}`);
      return this.skip();
    }
    [authority, stranger] = [createAuthority(), createAuthority()];
    good = authority.issue('localhost', [-1, 60]);
    collector = await startCollector();
    line = await startTlsLine(Number(new URL(collector.publicUrl).port), good);
    site = await startSite({ collector: line.url, attributes: 'data-consent="statistics"', key: SITE.key });
    visitor = await createVisitor(authority.trustIn);
    books = createBooks(collector, SITE);
  });
  after(async () => {
    await visitor?.remove();
    await site?.stop();
    await line?.remove();
    await collector?.remove();
    authority?.remove();
    stranger?.remove();
  });

  /** @returns the page, and every reason for which a request of it failed */
  const visit = async (): Promise<{ page: Page; failures: string[] }> => {
    const page = await visitor.chromium().context.newPage();
    const failures: string[] = [];
    page.on('requestfailed', (request) => {
      if (request.url().startsWith(line.url)) failures.push(request.failure()?.errorText ?? '');
    });
    await page.goto(site.url);
    await page.waitForFunction(READY);
    await page.evaluate('lintel.flush().then(() => {})');
    return { page, failures };
  };
  const happen = (page: Page, run: string): Promise<unknown> =>
    page.evaluate(`for (let i = 0; i < ${EVENTS}; i++) lintel.track('fault', { run: '${run}', i });`);

  const BAD: readonly (readonly [what: string, show: () => Certificate, named: string])[] = [
    ['ran out', () => authority.issue('localhost', [-90, -1]), 'ERR_CERT_DATE_INVALID'],
    ['is for another name', () => authority.issue('shop.example', [-1, 60]), 'ERR_CERT_COMMON_NAME_INVALID'],
    ['comes from a stranger', () => stranger.issue('localhost', [-1, 60]), 'ERR_CERT_AUTHORITY_INVALID'],
  ];
  const tried = BAD.slice(0, scaled(1, BAD.length));
  for (const [what, show, named] of tried)
    for (const leaves of [false, true])
      it(`that ${what}: events wait on the device, ${leaves ? 'also of a tab that was closed' : 'and the open tab delivers them'}`, async () => {
        const run = `${named}/${leaves ? 'closed' : 'open'}`;
        const { page, failures } = await visit();
        line.show(show());
        await happen(page, run);
        await until('the browser has refused the certificate', () =>
          failures.some((text) => text.includes(named)),
        ).catch((error: unknown) => {
          throw new Error(`${String(error)}: ${failures.join(', ')}`);
        });
        await sleep(2000);
        expect(await books.runs(run), 'what arrived meanwhile').to.deep.equal([]);
        if (leaves) await page.close();
        line.show(good);
        if (leaves) await visit();
        await books.arrived(run, EVENTS, PATIENCE_MS);
        for (const tab of visitor.chromium().context.pages()) await tab.close();
      });

  it('and nothing is missing or doubled in the end', async () => {
    await visit();
    const runs = await books.runs();
    expect(runs.map(({ rows, events }) => [rows, events])).to.deep.equal(
      Array.from({ length: 2 * tried.length }, () => [EVENTS, EVENTS]),
    );
    const { generated, stored, dropped } = await books.captureRate();
    expect({ stored, dropped }).to.eql({ stored: generated, dropped: [] });
    expect(await books.holes()).to.eql([]);
    expect(line.refused()).to.be.at.least(2 * tried.length);
  });
});
