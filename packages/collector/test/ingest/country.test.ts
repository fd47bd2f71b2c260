import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { BadSettings } from '../../src/errors.js';
import { openCountryDatabase, type CountryDatabase } from '../../src/ingest/country-database.js';
import { clientAddress } from '../../src/ingest/address.js';
import { silentLog, type Fields } from '../../src/log.js';
import { writeMmdb } from './mmdb.js';
import { aBatch, anEvent, NOW, startIngest, type Ingest, type ParsedRow } from './support.js';

const VIENNA = {
  country: { iso_code: 'AT' },
  subdivisions: [{ iso_code: '9' }],
  city: { names: { en: 'V' } },
};
const NETWORKS = {
  '203.0.113.0/24': VIENNA,
  '203.0.113.128/25': { country: { iso_code: 'IT' }, registered_country: { iso_code: 'AT' } },
  '198.51.100.0/24': { registered_country: { iso_code: 'US' } },
  '192.0.2.0/24': { country_code: 'CH' },
  '2001:db8:5::/48': { country: { iso_code: 'DE' }, subdivisions: [{ iso_code: 'BY' }, { iso_code: 'X' }] },
};

describe('the country of an address', () => {
  let folder: string;
  let file: string;
  let said: [event: string, fields?: Fields][];
  let database: CountryDatabase | null = null;
  let ingest: Ingest | null = null;

  const log = {
    debug: (event: string, fields?: Fields) => said.push([event, fields]),
    info: (event: string, fields?: Fields) => said.push([event, fields]),
    warn: (event: string, fields?: Fields) => said.push([event, fields]),
    error: (event: string, fields?: Fields) => said.push([event, fields]),
  };
  const events = (): string[] => said.map(([event]) => event);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lintel-mmdb-'));
    file = join(folder, 'country.mmdb');
    said = [];
  });
  afterEach(async () => {
    await ingest?.close();
    ingest = null;
    database?.close();
    database = null;
    rmSync(folder, { recursive: true });
  });

  const open = (bytes: Uint8Array, lookMs?: number): CountryDatabase => {
    writeFileSync(file, bytes);
    database = openCountryDatabase(file, log, lookMs);
    return database;
  };
  const start = async (bytes: Uint8Array, lookMs?: number): Promise<void> => {
    const { locate } = open(bytes, lookMs);
    ingest = await startIngest({ trustProxy: ['127.0.0.0/8'], locate, log });
  };
  /** The row of a page view from an address, through the public port. */
  const rowFrom = async (
    address: string,
    headers: Record<string, string> = {},
    batch: Record<string, unknown> = {},
  ): Promise<ParsedRow> => {
    ingest!.writer.clear();
    const reply = await ingest!.post(aBatch(batch), {
      ...(address === '' ? {} : { 'x-forwarded-for': address }),
      ...headers,
    });
    expect(reply.status).to.equal(202);
    return ingest!.writer.parsed()[0]!;
  };

  it('is what the database says, else the proxy, else the time zone, else nothing', async () => {
    await start(writeMmdb(NETWORKS));
    const inZurich = { consent: 'statistics', page: { timeZone: 'Europe/Zurich' } };
    const header = { 'cf-ipcountry': 'DE' };
    expect(await rowFrom('203.0.113.7', header, inZurich)).to.include({ country: 'AT', region: 'AT-9' });
    expect(await rowFrom('8.8.4.4', header, inZurich)).to.include({ country: 'DE', region: '' });
    expect(await rowFrom('8.8.4.4', {}, inZurich)).to.include({ country: 'CH', region: '' });
    expect(await rowFrom('8.8.4.4')).to.include({ country: '', region: '' });
  });

  it('needs no consent, and is the country where the visitor is: not where a network is registered', async () => {
    await start(writeMmdb(NETWORKS));
    expect(await rowFrom('203.0.113.7', {}, { consent: 'none' })).to.include({
      country: 'AT',
      region: 'AT-9',
    });
    expect(await rowFrom('203.0.113.200')).to.include({ country: 'IT', region: '' });
    expect(await rowFrom('198.51.100.1', { 'cf-ipcountry': 'FR' })).to.include({ country: 'FR' });
    expect(await rowFrom('192.0.2.1')).to.include({ country: 'CH' });
  });

  it('is known of IPv6 and of mapped IPv4; this host and a private network have none', async () => {
    await start(writeMmdb(NETWORKS));
    const header = { 'cf-ipcountry': 'FR' };
    expect(await rowFrom('2001:db8:5:42::1', header)).to.include({ country: 'DE', region: 'DE-BY' });
    expect(await rowFrom('2001:db8:6::1', header)).to.include({ country: 'FR', region: '' });
    for (const mapped of ['::ffff:203.0.113.7', '::ffff:cb00:7107', '0:0:0:0:0:ffff:203.0.113.7'])
      expect(await rowFrom(mapped, header), mapped).to.include({ country: 'AT' });
    for (const own of ['', '127.0.0.1', '::1', '10.1.2.3', '192.168.1.1', 'fd00::1', 'fe80::1'])
      expect(await rowFrom(own, header), own).to.include({ country: 'FR', region: '' });
  });

  it('of a signed request is not its server’s', async () => {
    await start(writeMmdb(NETWORKS));
    const body = JSON.stringify(aBatch());
    const [timestamp, nonce] = [String(NOW), randomBytes(16).toString('hex')];
    const signature = createHmac('sha256', 'a-secret-of-at-least-thirty-two-bytes')
      .update(`${timestamp}.${nonce}.${body}`)
      .digest('hex');
    const reply = await ingest!.send({
      path: '/v1/server/events',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': '203.0.113.7',
        'lintel-key': 'sk_shop',
        'lintel-timestamp': timestamp,
        'lintel-nonce': nonce,
        'lintel-signature': `v1=${signature}`,
      },
      body,
    });
    expect(reply.status).to.equal(202);
    expect(ingest!.writer.parsed()[0]).to.include({ country: '', region: '' });
  });

  it('is all that is left of it: no row, log or metric holds the address', async () => {
    await start(writeMmdb(NETWORKS));
    for (const address of ['203.0.113.7', '2001:db8:5:42::1']) {
      const batch = aBatch({ stream: randomUUID(), events: [anEvent({ props: { at: 'home' } })] });
      expect((await ingest!.post(batch, { 'x-forwarded-for': address })).status).to.equal(202);
    }
    await ingest!.send({ headers: { 'x-forwarded-for': '203.0.113.7' }, body: 'no json' });
    const everything =
      JSON.stringify([ingest!.writer.rows, ingest!.writer.side, said]) +
      (await ingest!.metrics.registry.metrics());
    expect(everything).to.include('AT-9').and.to.include('DE-BY');
    expect(everything).not.to.match(/203\.0\.113|2001:db8/);
  });

  for (const recordSize of [24, 28, 32] as const)
    it(`is read from records of ${recordSize} bits, of either protocol`, () => {
      for (const ipVersion of [4, 6] as const) {
        const networks = ipVersion === 6 ? NETWORKS : { '203.0.113.0/24': VIENNA };
        const { locate, close } = open(writeMmdb(networks, { recordSize, ipVersion }));
        expect(locate(clientAddress('203.0.113.7'))).to.deep.equal({ country: 'AT', region: 'AT-9' });
        expect(locate(clientAddress('203.0.112.7')).country).to.equal('');
        close();
      }
    });

  it('of IPv6 is not looked up in a database of IPv4 alone', () => {
    // 2a02::/16 starts with the bits of 42.2.0.0/16
    const { locate } = open(writeMmdb({ '42.0.0.0/8': { country: { iso_code: 'MY' } } }, { ipVersion: 4 }));
    expect(locate(clientAddress('42.2.0.1')).country).to.equal('MY');
    expect(locate(clientAddress('2a02:8388::1')).country).to.equal('');
  });

  it('follows a replaced file; a bad one, or none, leaves the last good one in place', async () => {
    await start(writeMmdb(NETWORKS), 20);
    const replace = (bytes: Uint8Array): void => {
      writeFileSync(`${file}.new`, bytes);
      renameSync(`${file}.new`, file);
    };
    const until = async (event: string, count: number): Promise<void> => {
      while (events().filter((one) => one === event).length < count) await sleep(5);
    };
    replace(writeMmdb({ '203.0.113.0/24': { country: { iso_code: 'SI' } } }));
    await until('country.loaded', 2);
    expect(await rowFrom('203.0.113.7')).to.include({ country: 'SI', region: '' });
    replace(writeMmdb(NETWORKS).subarray(0, 300));
    await until('country.kept_old', 1);
    rmSync(file);
    await until('country.kept_old', 2);
    await sleep(100);
    expect(events().filter((event) => event === 'country.kept_old')).to.have.length(2);
    expect(await rowFrom('203.0.113.7')).to.include({ country: 'SI' });
    replace(writeMmdb(NETWORKS));
    await until('country.loaded', 3);
    expect(await rowFrom('203.0.113.7')).to.include({ country: 'AT' });
  });

  it('is unknown where a record is damaged; that is said once and the event is taken', async () => {
    const networks = { ...NETWORKS, '203.0.113.0/25': { country: { iso_code: 'a record that breaks' } } };
    const bytes = writeMmdb(networks);
    const at = bytes.indexOf('a record that breaks') - 1;
    bytes.fill(0, at, at + 2);
    await start(bytes);
    for (let n = 0; n < 3; n++) expect(await rowFrom('203.0.113.7')).to.include({ country: '' });
    expect(await rowFrom('203.0.113.200')).to.include({ country: 'IT' });
    expect(events().filter((event) => event === 'country.damaged')).to.have.length(1);
  });

  const refused: [what: string, bytes: Uint8Array | null, why: RegExp][] = [
    ['a file that is not there', null, /ENOENT/],
    ['an empty file', Buffer.alloc(0), /country\.mmdb is no readable/],
    ['a file of another kind', Buffer.from('{"AT":"Austria"}'.repeat(100)), /is no readable/],
    ['one that was cut off', writeMmdb(NETWORKS).subarray(0, 400), /is no readable/],
    ['one whose beginning is missing', writeMmdb(NETWORKS).subarray(1500), /is no readable/],
    ['one of networks', writeMmdb({ '1.0.0.0/24': { autonomous_system_number: 1 } }), /holds no countries/],
  ];
  for (const [what, bytes, why] of refused)
    it(`refuses ${what} in one line that names the setting and the file`, () => {
      const act = (): unknown => (bytes ? open(bytes) : openCountryDatabase(file, silentLog));
      expect(act)
        .to.throw(BadSettings, why)
        .with.property('message')
        .that.matches(/^LINTEL_COUNTRY_DATABASE: [^\n]+$/);
    });
});
