import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { freshFolder } from '../support/folder.js';
import { repositoryFile, startProgram } from '../support/program.js';
import { startRedis, type Redis } from '../support/redis.js';
import { SITE } from '../support/site.js';

/** What an operator may get wrong; each ends the boot with 78 and one line that names it. */
const BROKEN: readonly (readonly [what: string, env: Record<string, string>, named: RegExp])[] = [
  ['an unknown name', { LINTEL_PUBLIK_PORT: '1' }, /LINTEL_PUBLIK_PORT/],
  ['a port that is no number', { LINTEL_PUBLIC_PORT: 'http' }, /PUBLIC_PORT/],
  ['a port that cannot be', { LINTEL_ADMIN_PORT: '70000' }, /ADMIN_PORT/],
  ['a canary that is neither on nor off', { LINTEL_CANARY: 'yes' }, /CANARY/],
  ['a Redis that is no URL', { LINTEL_REDIS_URL: 'localhost:6379' }, /REDIS_URL/],
  ['a ClickHouse that is no URL', { LINTEL_CLICKHOUSE_URL: 'ch:8123' }, /CLICKHOUSE_URL/],
  ['a ClickHouse without passwords', { LINTEL_CLICKHOUSE_URL: 'http://127.0.0.1:9' }, /CLICKHOUSE_PASSWORD/],
  [
    'passwords that are no JSON',
    { LINTEL_CLICKHOUSE_URL: 'http://127.0.0.1:9', LINTEL_CLICKHOUSE_PASSWORD: '{' },
    /CLICKHOUSE_PASSWORD/,
  ],
  ['a cluster without a server', { LINTEL_CLICKHOUSE_CLUSTER: 'main' }, /CLICKHOUSE_CLUSTER/],
  ['a database with a bad name', { LINTEL_CLICKHOUSE_DATABASE: 'x; DROP' }, /CLICKHOUSE_DATABASE/],
  ['sites that are no JSON', { LINTEL_SITES: '[{' }, /SITES/],
  ['no site', { LINTEL_SITES: '[]' }, /SITES/],
  ['a site without a key', { LINTEL_SITES: '[{"id":1,"origins":["*"]}]' }, /SITES\[0\]/],
  ['a site with number 0', { LINTEL_SITES: JSON.stringify([{ ...SITE, id: 0 }]) }, /SITES\[0\]/],
  [
    'two sites with one number',
    { LINTEL_SITES: JSON.stringify([SITE, { ...SITE, key: 'pk_b' }]) },
    /SITES\[1\]/,
  ],
  [
    'a time zone nobody knows',
    { LINTEL_SITES: JSON.stringify([{ ...SITE, timeZone: 'Europe/Wien' }]) },
    /Wien/,
  ],
  ['a short owner token', { LINTEL_ADMIN_TOKEN: 'secret' }, /ADMIN_TOKEN/],
  ['a secret file that is not there', { LINTEL_ADMIN_TOKEN_FILE: '/nowhere/token' }, /ADMIN_TOKEN_FILE/],
  ['a master key that is a word', { LINTEL_MASTER_KEY: 'key' }, /MASTER_KEY/],
  ['a proxy that is no address', { LINTEL_TRUST_PROXY: 'yes' }, /TRUST_PROXY/],
  ['a country database that is not there', { LINTEL_COUNTRY_DATABASE: '/nowhere/country.mmdb' }, /ENOENT/],
  [
    'a country database that is none',
    { LINTEL_COUNTRY_DATABASE: repositoryFile('README.md') },
    /COUNTRY_DATABASE.*README\.md/,
  ],
  [
    'a country database that is none, with workers',
    { LINTEL_COUNTRY_DATABASE: repositoryFile('README.md'), LINTEL_INGEST_PROCESSES: '2' },
    /COUNTRY_DATABASE/,
  ],
  ['a flush interval of nothing', { LINTEL_FLUSH_INTERVAL_MS: '0' }, /FLUSH_INTERVAL_MS/],
  ['a log level nobody knows', { LINTEL_LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
];

/** A Redis that would lose events. */
const UNFIT: readonly (readonly [what: string, settings: Record<string, string>, named: RegExp])[] = [
  ['evicts', { 'maxmemory-policy': 'allkeys-lru' }, /noeviction/],
  ['keeps nothing on disk', { appendonly: 'no' }, /appendonly/],
  ['never syncs', { appendfsync: 'no' }, /appendfsync/],
];

describe('22 bad settings', function () {
  this.timeout(300_000);
  const folder = freshFolder();
  let redis: Redis | null = null;
  afterEach(async () => {
    await redis?.remove();
    redis = null;
  });
  after(() => folder.remove());

  const expectRefused = async (env: Record<string, string>, named: RegExp): Promise<void> => {
    const program = startProgram(process.execPath, [repositoryFile('packages/collector/dist/main.js')], {
      env: {
        LINTEL_PUBLIC_PORT: '0',
        LINTEL_ADMIN_PORT: '0',
        LINTEL_DATA_DIR: join(folder.path, 'data'),
        LINTEL_LOG_LEVEL: 'error',
        ...env,
      },
    });
    const code = await program.ended;
    const said = program.stderr();
    expect(code, said + program.stdout()).to.equal(78);
    expect(said.trimEnd().split('\n'), said).to.have.length(1);
    expect(said)
      .to.match(/^lintel: /)
      .and.to.match(named);
  };

  it(`of ${BROKEN.length} kinds each end the boot with 78 and one line that names them`, async () => {
    // four at a time: each is a program of its own
    const rest = [...BROKEN];
    const next = async (): Promise<void> => {
      for (let one = rest.pop(); one; one = rest.pop()) await expectRefused(one[1], one[2]);
    };
    await Promise.all([next(), next(), next(), next()]);
  });

  for (const [what, settings, named] of UNFIT) {
    it(`of a Redis that ${what} end it, too`, async () => {
      redis = await startRedis(settings);
      await expectRefused({ LINTEL_REDIS_URL: redis.url }, named);
    });
  }

  it('of a data folder that is a file end it, too', async () => {
    mkdirSync(join(folder.path, 'other'));
    const file = join(folder.path, 'other', 'file');
    writeFileSync(file, '');
    await expectRefused({ LINTEL_DATA_DIR: join(file, 'data') }, /data/);
  });
});
