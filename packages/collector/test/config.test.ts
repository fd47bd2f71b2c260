import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSettings } from '../src/config.js';
import { BadSettings } from '../src/errors.js';

const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7)).toString('base64');
const site = { id: 1, key: 'pk_a', origins: ['https://nest.example'] };
const sites = (...list: object[]): NodeJS.ProcessEnv => ({ LINTEL_SITES: JSON.stringify(list) });

describe('readSettings', () => {
  it('needs nothing: disk buffer, embedded engine, demo site, loopback', () => {
    expect(readSettings({ HOME: '/home/x' })).to.deep.include({
      public: { host: '127.0.0.1', port: 4100 },
      admin: { host: '127.0.0.1', port: 4101 },
      redisUrl: null,
      sites: null,
      flushIntervalMs: 1000,
      bufferDiskBytes: 2 ** 31,
    });
    expect(readSettings({ LINTEL_BUFFER_DISK_MB: '8' }).bufferDiskBytes).to.equal(8 * 1024 * 1024);
  });

  it('reads addresses, sites with defaults and server keys', () => {
    const settings = readSettings({
      LINTEL_PUBLIC_PORT: '0.0.0.0:80',
      ...sites({ ...site, serverKeys: [`sk_shop_${'s'.repeat(43)}`] }),
      LINTEL_MASTER_KEY: key,
      LINTEL_TRUST_PROXY: '10.0.0.0/8,::1/128',
    });
    expect(settings.public).to.eql({ host: '0.0.0.0', port: 80 });
    expect(settings.sites![0]).to.deep.include({
      timeZone: 'UTC',
      currency: 'EUR',
      historyDays: 30,
      serverKeys: [{ id: 'shop', secret: 's'.repeat(43) }],
    });
    expect(
      readSettings(sites({ ...site, timeZone: 'europe/vienna' })).sites![0]!.timeZone,
      'as ClickHouse spells it',
    ).to.equal('Europe/Vienna');
    expect(settings.masterKeys[0]!.toString('base64')).to.equal(key);
    expect(settings.trustProxy).to.eql(['10.0.0.0/8', '::1/128']);
    expect(settings.countryDatabase).to.equal(null);
    expect(readSettings({ LINTEL_COUNTRY_DATABASE: '/geo/c.mmdb' }).countryDatabase).to.equal('/geo/c.mmdb');
  });

  it('reads secrets from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lintel-config-'));
    try {
      const file = join(folder, 'token');
      writeFileSync(file, `${'t'.repeat(40)}\n`);
      expect(readSettings({ LINTEL_ADMIN_TOKEN_FILE: file }).adminToken).to.equal('t'.repeat(40));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes what the contract names and this version does not use, and says which', () => {
    expect(readSettings({ LINTEL_MAIL_FROM: 'lintel@nest.example' }).unused).to.eql(['LINTEL_MAIL_FROM']);
    expect(readSettings({ LINTEL_LOG_LEVEL: 'warn' }).unused).to.eql([]);
  });

  const broken: [string, NodeJS.ProcessEnv, RegExp][] = [
    ['an unknown name', { LINTEL_PORT: '1' }, /unknown setting LINTEL_PORT/],
    [
      'a file variant of what is no secret',
      { LINTEL_LOG_LEVEL_FILE: '/x' },
      /unknown setting LINTEL_LOG_LEVEL_FILE/,
    ],
    [
      'an unreadable secret',
      { LINTEL_ADMIN_TOKEN_FILE: '/nowhere' },
      /LINTEL_ADMIN_TOKEN_FILE: cannot read \/nowhere/,
    ],
    ['a port that is none', { LINTEL_PUBLIC_PORT: 'http' }, /LINTEL_PUBLIC_PORT must be a port/],
    ['a port out of range', { LINTEL_ADMIN_PORT: '70000' }, /LINTEL_ADMIN_PORT/],
    [
      'a foreign protocol',
      { LINTEL_REDIS_URL: 'http://x' },
      /LINTEL_REDIS_URL must be a URL that starts with redis:/,
    ],
    [
      'a short owner token',
      { LINTEL_ADMIN_TOKEN: 'short' },
      /LINTEL_ADMIN_TOKEN must have at least 32 bytes/,
    ],
    ['a weak master key', { LINTEL_MASTER_KEY: Buffer.alloc(32, 1).toString('base64') }, /LINTEL_MASTER_KEY/],
    [
      'a server without password',
      { LINTEL_CLICKHOUSE_URL: 'http://ch:8123' },
      /LINTEL_CLICKHOUSE_PASSWORD is needed/,
    ],
    [
      'a cluster without a server',
      { LINTEL_CLICKHOUSE_CLUSTER: 'lintel' },
      /LINTEL_CLICKHOUSE_CLUSTER needs LINTEL_CLICKHOUSE_URL/,
    ],
    ['a database name with a quote', { LINTEL_CLICKHOUSE_DATABASE: "a'b" }, /LINTEL_CLICKHOUSE_DATABASE/],
    ['a buffer of nothing', { LINTEL_BUFFER_DISK_MB: '0' }, /LINTEL_BUFFER_DISK_MB .* from 1 to 1048576/],
    ['an interval out of range', { LINTEL_FLUSH_INTERVAL_MS: '5' }, /from 50 to 60000/],
    [
      'an unknown level',
      { LINTEL_LOG_LEVEL: 'loud' },
      /LINTEL_LOG_LEVEL must be one of error, warn, info, debug/,
    ],
    ['any proxy', { LINTEL_TRUST_PROXY: 'true' }, /LINTEL_TRUST_PROXY must be a hop count or CIDRs/],
    ['sites that are no JSON', { LINTEL_SITES: '[{' }, /LINTEL_SITES is not JSON/],
    ['no site', { LINTEL_SITES: '[]' }, /non-empty/],
    ['a reserved site id', sites({ ...site, id: 65_535 }), /LINTEL_SITES\[0\]\.id/],
    ['a misspelt field', sites({ ...site, orgins: [] }), /LINTEL_SITES\[0\]\.orgins/],
    ['an offset for a zone', sites({ ...site, timeZone: '+01:00' }), /unknown zone \+01:00/],
    ['an unknown zone', sites({ ...site, timeZone: 'Mars/Base' }), /unknown zone Mars\/Base/],
    ['two sites with one key', sites(site, { ...site, id: 2 }), /LINTEL_SITES\[1\]: id and key must differ/],
  ];
  for (const [what, env, message] of broken) {
    it(`refuses ${what} in one line`, () => {
      expect(() => readSettings(env)).to.throw(BadSettings, message);
    });
  }
});
