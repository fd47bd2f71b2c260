import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { ClickHouseError, ClickHouseUnreachable } from '../../src/errors.js';
import { createClickHouse, type ClickHouse } from '../../src/schema/index.js';
import { useDatabase } from './support.js';

const failure = async (work: Promise<unknown>): Promise<Error> => {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('did not fail');
};

const collect = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe('database client', function () {
  // two cores may be busy with other suites
  this.timeout(180_000);
  let clickhouse: ClickHouse;
  const db = useDatabase();
  before(async () => {
    clickhouse = db.as('migrator');
    await clickhouse.command('CREATE TABLE t (a UInt32, b String) ENGINE = MergeTree ORDER BY a');
  });

  it('binds any text, alone and in arrays, without changing it', async () => {
    const text = fc.string({ unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(text, fc.array(text, { maxLength: 4 }), async (alone, many) => {
        const [row] = await clickhouse.rows<{ alone: string; many: string[] }>(
          'SELECT {alone:String} AS alone, {many:Array(String)} AS many',
          { parameters: { alone, many } },
        );
        expect(row).to.deep.equal({
          alone,
          many,
        });
      }),
      { numRuns: 60 },
    );
  });

  it('binds epoch milliseconds to DateTime64 exactly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 4_000_000_000_000 }), async (at) => {
        const [row] = await clickhouse.rows<{ ms: number }>(
          "SELECT toUnixTimestamp64Milli({at:DateTime64(3,'UTC')}) AS ms",
          { parameters: { at } },
        );
        expect(row!.ms).to.equal(at);
      }),
      { numRuns: 60 },
    );
  });

  it('binds numbers, big numbers, booleans and null', async () => {
    const [row] = await clickhouse.rows(
      'SELECT {a:UInt64} = toUInt64(18446744073709551615) AS a, {b:Float64} AS b, {c:Bool} AS c, {d:Nullable(String)} AS d, {e:Array(UInt16)} AS e',
      { parameters: { a: 18446744073709551615n, b: -0.125, c: true, d: null, e: [1, 65535] } },
    );
    expect(row).to.deep.equal({ a: 1, b: -0.125, c: true, d: null, e: [1, 65535] });
  });

  it("carries ClickHouse's own code", async () => {
    const error = await failure(clickhouse.rows('SELECT * FROM nowhere'));
    expect(error).to.be.instanceOf(ClickHouseError);
    expect((error as ClickHouseError).number).to.equal(60);
  });

  it('notices a failure after the status was sent', async () => {
    const sql = (format: string): string =>
      `SELECT number, throwIf(number = 5000000) AS x FROM numbers(10000000) FORMAT ${format}`;
    for (const format of ['JSONCompactEachRowWithNames', 'CSV', 'ArrowStream']) {
      const error = await failure(collect(clickhouse.bytes(sql(format))));
      expect(error, format).to.be.instanceOf(ClickHouseError);
      expect((error as ClickHouseError).number, format).to.equal(395);
    }
    const late = await failure(
      clickhouse.rows('SELECT throwIf(number = 5000000) AS x FROM numbers(10000000)'),
    );
    expect((late as ClickHouseError).number).to.equal(395);
  });

  it('streams every byte of a long answer', async () => {
    const bytes = await collect(clickhouse.bytes('SELECT number FROM numbers(300000) FORMAT TSV'));
    expect(bytes.toString().trimEnd().split('\n')).to.have.length(300_000);
    expect(bytes.toString().endsWith('299999\n')).to.equal(true);
  });

  it('sends several gzip members as they are', async () => {
    const lines = [1, 2, 3].map((a) => gzipSync(`${JSON.stringify({ a, b: 'ü' })}\n`));
    await clickhouse.insert('INSERT INTO t FORMAT JSONEachRow', Buffer.concat(lines), { gzip: true });
    const stream = async function* (): AsyncIterable<Uint8Array> {
      for (const line of lines) yield await Promise.resolve(line);
    };
    await clickhouse.insert('INSERT INTO t FORMAT JSONEachRow', stream(), { gzip: true });
    expect(await clickhouse.rows('SELECT count() AS n, sum(a) AS s, any(b) AS b FROM t')).to.deep.equal([
      { n: 6, s: 12, b: 'ü' },
    ]);
  });

  it('names the row of a value that does not parse', async () => {
    const rows = ['{"a":1,"b":"x"}', '{"a":"no number","b":"y"}'].join('\n');
    const error = (await failure(
      clickhouse.insert('INSERT INTO t FORMAT JSONEachRow', Buffer.from(rows)),
    )) as ClickHouseError;
    expect(error).to.be.instanceOf(ClickHouseError);
    expect(error.message).to.match(/at row 2/);
  });

  it('refuses a second query with the id of a running one', async () => {
    const first = clickhouse.command('SELECT sleep(3)', { queryId: 'twin' });
    const running = (): Promise<unknown[]> =>
      clickhouse.rows("SELECT 1 FROM system.processes WHERE query_id = 'twin'");
    while ((await running()).length === 0);
    const error = await failure(clickhouse.command('SELECT 1', { queryId: 'twin' }));
    expect((error as ClickHouseError).number).to.equal(216);
    await first;
  });

  it('calls silence, a closed port and a broken answer unreachable', async () => {
    const late = await failure(clickhouse.command('SELECT sleep(2)', { timeoutMs: 100 }));
    expect(late).to.be.instanceOf(ClickHouseUnreachable);

    const servers: Server[] = [];
    const listen = (answer: string | null): Promise<string> =>
      new Promise((resolve) => {
        const server = createServer((socket) => {
          socket.once('data', () => (answer === null ? socket.destroy() : socket.end(answer)));
          socket.on('error', () => {});
        });
        servers.push(server);
        server.listen(0, '127.0.0.1', () =>
          resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
        );
      });
    const urls = [
      await listen(null),
      await listen('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
      await listen('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\n\r\nproxy'),
    ];
    for (const url of urls) {
      const client = createClickHouse({ url, user: 'u', password: 'p', database: 'd' });
      expect(await failure(client.rows('SELECT 1')), url).to.be.instanceOf(ClickHouseUnreachable);
      await client.close();
    }
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
    const gone = createClickHouse({ url: urls[0]!, user: 'u', password: 'p', database: 'd' });
    expect(await failure(gone.command('SELECT 1'))).to.be.instanceOf(ClickHouseUnreachable);
    expect(await gone.ping(200)).to.equal(false);
    expect(await clickhouse.ping()).to.equal(true);
    await gone.close();
  });
});
