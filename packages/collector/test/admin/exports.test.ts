import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { expect } from 'chai';
import { analyticsRoutes, createAdminServer, openTokens } from '../../src/admin/index.js';
import { exportStream } from '../../src/admin/export.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { QUESTIONS } from '../../src/questions/index.js';
import { viewDefinitions } from '../../src/schema/definitions.js';
import { createSites } from '../../src/sites.js';
import { useDatabase } from '../schema/support.js';
import { RANGE, shop } from '../questions/shop.js';
import { scopeOf } from '../questions/support.js';
import { anExperiment } from './support/experiment.js';

/** What a spreadsheet would run. */
const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'];

/** Fields of RFC 4180. */
const parseCsv = (text: string): string[][] => {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
};

describe('exports', function () {
  // every question in four formats from a real engine
  this.timeout(240_000);
  const db = useDatabase();
  let folder: string;
  let server: Server;
  let base: string;
  let authorization: string;
  const site = scopeOf().site;
  const range = `from=${RANGE.from}&to=${RANGE.to}`;
  const own: Readonly<Record<string, string>> = {
    experiments: '&experiment=hero',
    heatmap: '&page=/konfigurator',
    'popular-configs': '',
  };
  const get = (question: string, format: string, more = own[question] ?? ''): Promise<Response> =>
    fetch(`${base}/api/admin/analytics/${question}?${range}&format=${format}${more}`, {
      headers: { authorization },
    });

  before(async () => {
    await db.store([
      ...shop(),
      ...FORMULAS.map((model, i) => ({
        ts: RANGE.from + 3_600_000 + i,
        type: 'config',
        kind: 'save',
        visitor: 900 + i,
        session: 900 + i,
        stream: `00000000-0000-4000-8000-0000000009${String(i).padStart(2, '0')}`,
        model,
        config_hash: String(900 + i),
        parts: { facade: 'a "b", c' },
        price_cents: 100,
      })),
      ...['a', 'b'].map((variant, i) => ({
        ts: RANGE.from + 3_600_000 + i,
        type: 'exposure',
        visitor: 1 + i,
        session: 1 + i,
        experiment: 'hero',
        variant,
      })),
    ]);
    folder = mkdtempSync(join(tmpdir(), 'lintel-exports-'));
    const clock = { now: () => RANGE.to };
    const tokens = openTokens(join(folder, 'tokens.json'), clock);
    authorization = `Bearer ${tokens.create({ role: 'viewer' }).secret}`;
    server = createAdminServer({
      routes: analyticsRoutes({
        sites: createSites([site]),
        clock,
        readView: db.views.rows,
        readBytes: db.views.bytes,
        readLedger: () => Promise.resolve([]),
        readExperiment: () => anExperiment('hero', RANGE.from),
      }),
      tokens,
      health: {
        ready: () => Promise.resolve(true),
        status: () => Promise.resolve({}),
        refresh: () => Promise.resolve(),
      },
      metrics: createMetrics(),
      log: silentLog,
      version: 'test',
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** Table of a question: view and parameters with every default filled in. */
  const tableOf = (name: string) => {
    const question = QUESTIONS.find((one) => one.name === name)!;
    const given = Object.fromEntries(new URLSearchParams((own[name] ?? '').slice(1)));
    return question.table(scopeOf(), Value.Default(question.parameters, given) as never, RANGE.to);
  };
  const readLines = async (name: string): Promise<unknown[][]> => {
    const { view, parameters } = tableOf(name);
    const chunks: Uint8Array[] = [];
    for await (const chunk of db.views.bytes(view, parameters, 'JSONCompactEachRowWithNames'))
      chunks.push(chunk);
    return Buffer.concat(chunks)
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown[]);
  };

  /** Reads a file back into a table with the view's own columns. */
  const readBack = async (name: string, format: string, file: Uint8Array): Promise<unknown[][]> => {
    const { view, parameters } = tableOf(name);
    const names = [...viewDefinitions().find((one) => one.name === view)!.parameters];
    const call = `lintel.${view}(${names.map(([key, type]) => `${key}={${key}:${type}}`).join(', ')})`;
    const migrator = db.as('migrator');
    const bound = Object.fromEntries(names.map(([key]) => [key, parameters[key]!]));
    const columns = await migrator.rows<{ name: string; type: string }>(
      `DESCRIBE TABLE (SELECT * FROM ${call})`,
      { parameters: bound },
    );
    await migrator.command(
      `CREATE OR REPLACE TABLE lintel.read_back (${columns.map((column) => `\`${column.name}\` ${column.type}`).join(', ')}) ENGINE = Memory`,
    );
    await migrator.insert(`INSERT INTO lintel.read_back FORMAT ${format}`, file);
    const chunks: Uint8Array[] = [];
    for await (const chunk of migrator.bytes(
      'SELECT * FROM lintel.read_back FORMAT JSONCompactEachRowWithNames',
    ))
      chunks.push(chunk);
    return Buffer.concat(chunks)
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown[]);
  };

  for (const { name } of QUESTIONS) {
    it(`answer ${name} as JSON, and its table as CSV, Parquet and Arrow`, async () => {
      const json = await get(name, 'json');
      expect(json.status, await json.clone().text()).to.equal(200);
      expect(await json.json()).to.include({ question: name, site: '1' });

      const [names, ...rows] = (await readLines(name)) as [string[], ...unknown[][]];
      const days = '2026-11-08-2026-11-15';
      const files = { csv: 'csv', parquet: 'parquet', arrow: 'arrow' };
      for (const [format, extension] of Object.entries(files)) {
        const file = await get(name, format);
        expect(file.status, format).to.equal(200);
        expect(file.headers.get('content-disposition')).to.equal(
          `attachment; filename="lintel-${name}-${days}.${extension}"`,
        );
        // nobody knew the length beforehand: it went out as it came
        expect(file.headers.get('content-length')).to.equal(null);
        const bytes = Buffer.from(await file.arrayBuffer());
        if (format === 'csv') {
          expect(file.headers.get('content-type')).to.equal('text/csv; charset=utf-8');
          const [head, ...lines] = parseCsv(bytes.toString()) as [string[], ...string[][]];
          expect(head).to.eql(names);
          expect(lines.length).to.equal(rows.length);
          lines.forEach((line, i) => {
            line.forEach((text, j) => {
              const value = rows[i]![j];
              const expected =
                value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
              expect([expected, `'${expected}`]).to.include(text);
              if (typeof value === 'string') expect(text).to.not.match(/^[=+\-@\t\r]/);
            });
          });
          continue;
        }
        expect(file.headers.get('content-type')).to.equal(
          format === 'parquet' ? 'application/vnd.apache.parquet' : 'application/vnd.apache.arrow.stream',
        );
        if (format === 'parquet') {
          expect(bytes.subarray(0, 4).toString()).to.equal('PAR1');
          expect(bytes.subarray(-4).toString()).to.equal('PAR1');
        }
        const back = await readBack(name, format === 'parquet' ? 'Parquet' : 'ArrowStream', bytes);
        expect(back, format).to.eql([names, ...rows]);
      }
    });
  }

  it('make text of what a spreadsheet would run', async () => {
    const csv = await (await get('popular-configs', 'csv')).text();
    const [head, ...lines] = parseCsv(csv);
    const models = lines.map((line) => line[head!.indexOf('model')]!);
    expect(models).to.include.members(FORMULAS.map((text) => `'${text}`));
    // a quote, a comma and a line end inside a cell stay inside it
    expect(lines.map((line) => line[head!.indexOf('parts')])).to.include('{"facade":"a \\"b\\", c"}');
    expect(lines.every((line) => line.length === head!.length)).to.equal(true);
  });

  it('hand on a row as soon as it is read', async () => {
    let read = 0;
    const { body } = exportStream({
      name: 'overview',
      scope: scopeOf(),
      view: 'overview',
      parameters: {},
      format: 'csv',
      readBytes: async function* () {
        for (;;) {
          read += 1;
          yield await Promise.resolve(Buffer.from(`["a",${read}]\n`));
        }
      },
    });
    const first = await body[Symbol.asyncIterator]().next();
    expect(Buffer.from(first.value as Uint8Array).toString()).to.equal('a,1\r\n');
    expect(read).to.equal(1);
  });

  it('answer a broken question with a problem document, not with half a file', async () => {
    const refused = await get('cohorts', 'parquet', '&periods=0');
    expect(refused.status).to.equal(400);
    expect(refused.headers.get('content-type')).to.contain('application/problem+json');
    const unknown = await get('cohorts', 'xlsx');
    expect(unknown.status).to.equal(400);
    expect(JSON.stringify(await unknown.json())).to.contain('parquet');
  });
});
