import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSalts } from '../../src/ingest/salts.js';
import { silentLog } from '../../src/log.js';
import { clientAddress, createFindClient } from '../../src/ingest/address.js';
import { channelOf, createLandings } from '../../src/ingest/landing.js';
import { createLimiter } from '../../src/ingest/limiter.js';
import { createLru } from '../../src/ingest/lru.js';
import { countryOfZone } from '../../src/ingest/country.js';
import { redact } from '../../src/ingest/redact.js';
import { createPlaces } from '../../src/ingest/route.js';

describe('client address', () => {
  it('groups by line and network, also mapped and shortened', () => {
    const expected: [string, string, string][] = [
      ['203.0.113.7', '203.0.113.7', '203.0.113'],
      ['::ffff:203.0.113.7', '203.0.113.7', '203.0.113'],
      ['::FFFF:cb00:7107', '203.0.113.7', '203.0.113'],
      ['0:0:0:0:0:ffff:cb00:7107', '203.0.113.7', '203.0.113'],
      ['2001:db8:1:2345:6:7:8:9', '2001:db8:1:2300', '2001:db8:1'],
      ['2001:db8:1:23ff::1', '2001:db8:1:2300', '2001:db8:1'],
      ['2001:db8::1%eth0', '2001:db8:0:0', '2001:db8:0'],
      ['::1', '0:0:0:0', '0:0:0'],
      ['garbage', '', ''],
    ];
    for (const [text, line, network] of expected) {
      expect(clientAddress(text), text).to.deep.equal({ line, network });
    }
  });

  it('is the right-most one that is not ours', () => {
    const lineOf = (trust: number | string[], peer: string, header?: string) =>
      createFindClient(trust)(peer, header).address.line;
    expect(lineOf(0, '10.0.0.1', '203.0.113.7')).to.equal('10.0.0.1');
    expect(lineOf(1, '10.0.0.1', '203.0.113.7')).to.equal('203.0.113.7');
    expect(lineOf(1, '10.0.0.1', '6.6.6.6, 203.0.113.7')).to.equal('203.0.113.7');
    expect(lineOf(2, '10.0.0.1', '203.0.113.7, 10.0.0.2')).to.equal('203.0.113.7');
    expect(lineOf(2, '10.0.0.1', '203.0.113.7')).to.equal('203.0.113.7');
    expect(lineOf(['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, 203.0.113.7, 10.0.0.2')).to.equal('203.0.113.7');
    expect(lineOf(['10.0.0.0/8'], '::ffff:10.0.0.1', '203.0.113.7:4711')).to.equal('203.0.113.7');
    expect(lineOf(['10.0.0.0/8'], '8.8.8.8', '203.0.113.7')).to.equal('8.8.8.8');
    expect(lineOf(['10.0.0.0/8'], '10.0.0.1', 'unknown')).to.equal('10.0.0.1');
    expect(lineOf(['fd00::/8'], 'fd00::1', '[2001:db8:1:2345::1]:443')).to.equal('2001:db8:1:2300');
  });
});

describe('landing', () => {
  const landings = createLandings();
  it('finds the channel, first match first', () => {
    const of = (medium: string, source = '', refHost = '', clickId = false) =>
      channelOf({ medium, source, refHost, clickId });
    expect(of('cpc', 'google', 'google.at')).to.equal('paid');
    expect(of('', '', 'google.at', true)).to.equal('paid');
    expect(of('paid_social', 'meta')).to.equal('paid');
    expect(of('email', 'newsletter', 'google.at')).to.equal('email');
    expect(of('', '', 'l.facebook.com')).to.equal('social');
    expect(of('', '', 'google.co.uk')).to.equal('search');
    expect(of('', '', 'notgoogle.com')).to.equal('referral');
    expect(of('affiliate', 'partner', 'blog.example')).to.equal('affiliate');
    expect(of('', '', 'blog.example')).to.equal('referral');
    expect(of('', '', '')).to.equal('direct');
  });
  it('reads campaign and referrer; its own pages and click ids without consent count for nothing', () => {
    expect(
      landings(
        'https://nest.example/?utm_source=s&utm_medium=m&utm_campaign=c',
        'https://www.google.at/',
        false,
      ),
    ).to.deep.equal({
      refHost: 'google.at',
      channel: 'search',
      source: 's',
      medium: 'm',
      campaign: 'c',
    });
    expect(landings('https://nest.example/a', 'https://nest.example/b', false).channel).to.equal('direct');
    expect(landings('https://nest.example/?gclid=1', '', false).channel).to.equal('direct');
    expect(landings('https://nest.example/?gclid=1', '', true).channel).to.equal('paid');
    expect(landings('not a url', 'nor this', true).channel).to.equal('direct');
  });
});

describe('salts', () => {
  const DAY = 86_400_000;
  it('are one for all processes of a host, kept for a second day, and then gone', function () {
    let now = Date.UTC(2026, 10, 25, 12);
    const dataDir = mkdtempSync(join(tmpdir(), 'lintel-salts-'));
    const open = () => createSalts({ clock: { now: () => now }, dataDir, log: silentLog });
    const first = open();
    const monday = first.today();
    expect(monday.salt).to.have.length(16);
    expect(monday.before).to.equal(null);
    if (!existsSync('/dev/shm')) this.skip();
    const second = open();
    expect(second.today().salt.equals(monday.salt)).to.equal(true);
    now += DAY;
    const tuesday = second.today();
    expect(tuesday.salt.equals(monday.salt)).to.equal(false);
    expect(tuesday.before!.equals(monday.salt)).to.equal(true);
    expect(first.today().salt.equals(tuesday.salt)).to.equal(true);
    now += 2 * DAY;
    expect(open().today().before).to.equal(null);
    const name = `lintel-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
    expect(readdirSync(join('/dev/shm', name))).to.deep.equal([String(Math.floor(now / DAY))]);
    rmSync(join('/dev/shm', name), { recursive: true });
    rmSync(dataDir, { recursive: true });
  });
});

describe('small parts of ingest', () => {
  it('routes have no ids', () => {
    const places = createPlaces();
    expect(places('/haus/4711/fotos').route).to.equal('/haus/:id/fotos');
    expect(places('/c/11111111-1111-4111-8111-111111111111').route).to.equal('/c/:id');
    expect(places('/konfigurator').route).to.equal('/konfigurator');
    expect(places('https://nest.example/a?b=c')).to.deep.include({ path: '/a', route: '/a' });
    expect(places('/#/haus/12').route).to.equal('/#/haus/:id');
  });
  it('time zones have a country, old names too', () => {
    expect(
      ['Europe/Vienna', 'Asia/Calcutta', 'Europe/Kyiv', 'Etc/UTC', '', null].map(countryOfZone),
    ).to.deep.equal(['AT', 'IN', 'UA', '', '', '']);
  });
  it('redacts persons and tokens, and nothing else', () => {
    for (const text of [
      'a.b+c@d-e.co.at',
      'a%40b.at',
      'AT611904300234573201',
      '+43 (660) 123 45 67',
      'sk_live_4242424242424242',
    ]) {
      expect(redact(`x ${text} y`), text).to.equal('x [redacted] y');
    }
    for (const text of [
      '/haus/nest-80',
      'TypeError: price is undefined',
      'facade:wood',
      '2026-11-25',
      '1440x900',
    ]) {
      expect(redact(text)).to.equal(text);
    }
  });
  it('an LRU forgets what was not asked for, and stays bounded', () => {
    const lru = createLru<number, number>(10);
    for (let n = 0; n < 1000; n++) {
      lru.set(n, n);
      lru.get(0);
    }
    expect(lru.get(0)).to.equal(0);
    expect(
      Array.from({ length: 1000 }, (_, n) => lru.get(n)).filter((n) => n !== undefined).length,
    ).to.be.at.most(11);
  });
  it('a limiter counts nobody on this host by address: an undeclared proxy would be everybody', () => {
    const rate = { perSecond: 1, burst: 1 };
    const limiter = createLimiter({
      clock: { now: () => 1_000_000 },
      rates: { key: { perSecond: 1e6, burst: 1e6 }, address: rate },
    });
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
      for (let n = 0; n < 5; n++) expect(limiter.take('k', clientAddress(address))).to.equal(0);
    limiter.take('k', clientAddress('10.0.0.1'));
    expect(limiter.take('k', clientAddress('10.0.0.1'))).to.equal(1);
  });
  it('a limiter does not stop everybody when the clock is set back', () => {
    let now = 1_000_000;
    const rate = { perSecond: 1, burst: 2 };
    const limiter = createLimiter({
      clock: { now: () => now },
      rates: { key: { perSecond: 1e6, burst: 1e6 }, address: rate },
    });
    const take = () => limiter.take('k', clientAddress('203.0.113.7'));
    expect([take(), take(), take()]).to.deep.equal([0, 0, 1]);
    now -= 500_000;
    expect(take()).to.equal(1);
    now += 1000;
    expect(take()).to.equal(0);
  });
});
