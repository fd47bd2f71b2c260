import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createAdmin } from './support/admin.js';
import { lintel } from './support/command.js';
import { freshFolder } from './support/folder.js';
import { freePorts } from './support/ports.js';
import { repositoryFile, startProgram, type Program } from './support/program.js';
import { post } from './support/send.js';
import { OWNER_TOKEN } from './support/site.js';
import { until } from './support/until.js';

interface Overview {
  totals: { pageViews: number };
}

describe('lintel start --demo', () => {
  const folder = freshFolder();
  let env: Record<string, string>;
  let program: Program;

  before(async () => {
    const [publicPort, adminPort, demoPort, httpPort, tcpPort] = (await freePorts(5)).map(String);
    env = {
      LINTEL_PUBLIC_PORT: publicPort!,
      LINTEL_ADMIN_PORT: adminPort!,
      LINTEL_DEMO_PORT: demoPort!,
      LINTEL_CLICKHOUSE_HTTP_PORT: httpPort!,
      LINTEL_CLICKHOUSE_TCP_PORT: tcpPort!,
      LINTEL_DATA_DIR: join(folder.path, 'data'),
    };
  });
  after(async () => {
    if (program.running()) await program.kill();
    folder.remove();
  });

  /** As `npm start` runs it. @returns what it has printed when it says that it is ready */
  const start = async (more: Record<string, string> = {}): Promise<string> => {
    program = startProgram(
      process.execPath,
      [repositoryFile('packages/collector/dist/lintel.js'), 'start', '--demo'],
      { env: { ...env, ...more } },
    );
    await until('it is ready', () => {
      if (!program.running()) throw new Error(program.stderr());
      return /ready after [\d.]+ s/.test(program.stdout());
    });
    return program.stdout();
  };

  const printed = (name: string): string =>
    new RegExp(`^ +${name} +(\\S+)`, 'm').exec(program.stdout())?.[1] ?? '';

  const click = (): Promise<unknown> =>
    post(printed('Collector'), {
      key: 'pk_demo',
      sentAt: Date.now(),
      stream: crypto.randomUUID(),
      events: [{ seq: 0, at: Date.now(), type: 'page_view', path: '/konfigurator' }],
    });

  const pageViews = async (token: string): Promise<number> => {
    const admin = createAdmin(new URL(printed('Admin API')).origin, token);
    return (await admin.ask<Overview>('overview', { timeRange: '24h' })).data.totals.pageViews;
  };

  let token: string;

  it('prints where everything is, and a token once', async () => {
    await start();
    expect(printed('Configurator')).to.equal(`http://127.0.0.1:${env['LINTEL_DEMO_PORT']}`);
    expect(printed('Collector')).to.equal(`http://127.0.0.1:${env['LINTEL_PUBLIC_PORT']}`);
    token = printed('Owner token');
    expect(token.length).to.be.at.least(32);

    const page = await fetch(printed('Configurator'));
    expect(page.status).to.equal(200);
    expect(await page.text()).to.include('data-key="pk_demo"');
    const script = /src="([^"]+)"/.exec(/Script tag +(.*)/.exec(program.stdout())![1]!)![1]!;
    const sdk = await fetch(script);
    expect([sdk.status, sdk.headers.get('content-type')]).to.deep.equal([
      200,
      'text/javascript; charset=utf-8',
    ]);
    const openapi = await fetch(printed('OpenAPI'), { headers: { authorization: `Bearer ${token}` } });
    expect(((await openapi.json()) as { openapi: string }).openapi).to.match(/^3\./);
  });

  it('shows a click in overview', async () => {
    await click();
    await until('the click is in overview', async () => (await pageViews(token)) === 1);
  });

  it('drains on Ctrl-C and leaves nothing running', async () => {
    await click();
    program.signal('SIGINT');
    expect(await program.ended).to.equal(0);
    expect(program.stdout()).to.include('stopped');
    expect(existsSync(join(env['LINTEL_DATA_DIR']!, 'clickhouse', 'owner.json'))).to.equal(false);
  });

  it('goes on with all data at the second start, with the same token', async () => {
    await start();
    expect(printed('Owner token'), 'shown once only').to.equal('');
    await until('both clicks are there', async () => (await pageViews(token)) === 2);
  });

  it('is told what is wrong when somebody else has its ports or its data', async () => {
    const [one, two, three] = (await freePorts(3)).map(String);
    const second = await lintel(['start'], env);
    expect([second.code, second.stderr.trimEnd().split('\n').length]).to.deep.equal([78, 1]);
    const free = { LINTEL_PUBLIC_PORT: one!, LINTEL_ADMIN_PORT: two!, LINTEL_DEMO_PORT: three! };
    const third = await lintel(['start'], { ...env, ...free });
    expect([third.code, third.stderr.trimEnd().split('\n').length], third.stderr).to.deep.equal([78, 1]);
    program.signal('SIGTERM');
    expect(await program.ended).to.equal(0);
  });

  const site = { id: 1, key: 'pk_a', origins: ['*'] };
  const sites = (...all: object[]): string => JSON.stringify(all);
  const BROKEN: readonly [what: string, env: Record<string, string>, says: RegExp][] = [
    ['an unknown name', { LINTEL_PUBLIC_PROT: '4100' }, /LINTEL_PUBLIC_PROT/],
    ['a port that is a word', { LINTEL_PUBLIC_PORT: 'http' }, /PUBLIC_PORT/],
    ['a port over 65535', { LINTEL_ADMIN_PORT: '65536' }, /ADMIN_PORT/],
    ['a negative port', { LINTEL_DEMO_PORT: '-1' }, /DEMO_PORT/],
    ['a Redis over HTTP', { LINTEL_REDIS_URL: 'http://127.0.0.1' }, /REDIS_URL/],
    ['a ClickHouse that is no URL', { LINTEL_CLICKHOUSE_URL: 'clickhouse' }, /CLICKHOUSE_URL/],
    [
      'a ClickHouse without a password',
      { LINTEL_CLICKHOUSE_URL: 'http://127.0.0.1:1' },
      /CLICKHOUSE_PASSWORD/,
    ],
    [
      'a password that is half JSON',
      { LINTEL_CLICKHOUSE_URL: 'http://127.0.0.1:1', LINTEL_CLICKHOUSE_PASSWORD: '{"writer":' },
      /CLICKHOUSE_PASSWORD/,
    ],
    ['a database with a dash', { LINTEL_CLICKHOUSE_DATABASE: 'my-data' }, /CLICKHOUSE_DATABASE/],
    ['a user with a space', { LINTEL_CLICKHOUSE_USER: 'a b' }, /CLICKHOUSE_USER/],
    ['sites that are no JSON', { LINTEL_SITES: '[' }, /SITES/],
    ['no site at all', { LINTEL_SITES: '[]' }, /SITES/],
    ['a file of sites that is not there', { LINTEL_SITES: '/no/such/file' }, /SITES/],
    ['a site number that is reserved', { LINTEL_SITES: sites({ ...site, id: 65_535 }) }, /SITES\[0\]/],
    ['a field of a site that does not exist', { LINTEL_SITES: sites({ ...site, orgins: [] }) }, /SITES\[0\]/],
    [
      'a time zone that does not exist',
      { LINTEL_SITES: sites({ ...site, timeZone: 'Mars/Olympus' }) },
      /timeZone/,
    ],
    ['two sites with one key', { LINTEL_SITES: sites(site, { ...site, id: 2 }) }, /SITES\[1\]/],
    ['a short token', { LINTEL_ADMIN_TOKEN: 'short' }, /ADMIN_TOKEN/],
    ['a token file that is not there', { LINTEL_ADMIN_TOKEN_FILE: '/no/such/file' }, /ADMIN_TOKEN_FILE/],
    ['a file for what is no secret', { LINTEL_PUBLIC_PORT_FILE: '/no/such/file' }, /PUBLIC_PORT_FILE/],
    ['a master key of 5 bytes', { LINTEL_MASTER_KEY: 'aGVsbG8=' }, /MASTER_KEY/],
    ['a proxy that is a name', { LINTEL_TRUST_PROXY: 'true' }, /TRUST_PROXY/],
    ['a flush every millisecond', { LINTEL_FLUSH_INTERVAL_MS: '1' }, /FLUSH_INTERVAL_MS/],
    ['a loud log level', { LINTEL_LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
  ];

  for (const [what, broken, says] of BROKEN) {
    it(`ends with 78 and one line for ${what}`, async () => {
      const { code, stdout, stderr } = await lintel(['start'], {
        ...env,
        LINTEL_ADMIN_TOKEN: OWNER_TOKEN,
        ...broken,
      });
      expect(code, stderr).to.equal(78);
      expect(stderr.trimEnd().split('\n')).to.have.length(1);
      expect(stderr).to.match(says);
      expect(stdout).to.equal('');
    });
  }

  it('explains its verbs, and refuses others', async () => {
    const help = await lintel(['--help'], {});
    expect([help.code, help.stderr]).to.deep.equal([0, '']);
    for (const verb of ['start', 'migrate', 'token create', 'ledger', 'dead-letters'])
      expect(help.stdout).to.include(verb);
    const unknown = await lintel(['statr'], {});
    expect([unknown.code, unknown.stderr]).to.deep.equal([
      78,
      'lintel: unknown verb statr; try: lintel help\n',
    ]);
  });
});
