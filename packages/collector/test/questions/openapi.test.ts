import { expect } from 'chai';
import { mismatch, type JsonSchema } from './json-schema.js';
import { checkEstimates } from './scripted.js';
import { startWholeCollector, type PageVisit, type RunningCollector } from './collector.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  description?: string;
  schema: JsonSchema & { default?: unknown; examples?: unknown[]; minimum?: number; maximum?: number };
}
interface Operation {
  summary: string;
  parameters: Parameter[];
  responses: Record<string, { content: Record<string, { schema: JsonSchema }> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
}

/** Two weeks of a small site: every kind of event that a question reads, over the public port. */
const traffic = (now: number): PageVisit[] =>
  Array.from({ length: 240 }, (_, i): PageVisit => {
    const at = now - 13 * DAY + Math.floor((i * 13 * DAY) / 240) - MINUTE;
    const model = i % 2 === 0 ? 'nest-80' : 'nest-120';
    const price = { model, priceCents: 18_000_000 + (i % 6) * 3_000_000 };
    const click = { sel: '#plan', label: 'Plan', kind: 'mouse', ex: 16_384, ey: 1000, px: 5000, py: 500 };
    return {
      visitor: i % 180,
      events: [
        { type: 'page_view', at },
        {
          type: 'vital',
          name: 'LCP',
          value: 1200 + 10 * (i % 90),
          delta: 1,
          id: 'v',
          rating: 'good',
          nav: 'navigate',
          at,
        },
        {
          type: 'click',
          at: at + 1000,
          ...click,
          box: [10, 20, 300, 40],
          fixed: false,
          vw: 1440,
          vh: 900,
          dh: 2400,
        },
        { type: 'scroll', at: at + 2000, view: 0, depth: 20 + (i % 80), px: 100, dh: 2400 },
        { type: 'exposure', at: at + 3000, experiment: 'blue-button', variant: i % 2 ? 'blue' : 'control' },
        {
          type: 'option_select',
          at: at + 4000,
          group: 'facade',
          option: 'wood',
          priceDeltaCents: 400_000,
          model,
        },
        {
          type: 'option_select',
          at: at + 5000,
          group: 'roof',
          option: 'green',
          priceDeltaCents: 900_000,
          model,
        },
        { type: 'price_view', at: at + 6000, ...price },
        {
          type: 'config',
          at: at + 7000,
          reason: 'save',
          options: { facade: 'wood', roof: 'green' },
          ...price,
        },
        ...(i % 5 === 0 ? [{ type: 'inquiry', at: at + 8000, ...price }] : []),
        {
          type: 'error',
          at: at + 9000,
          kind: 'exception',
          name: 'TypeError',
          message: 'x',
          frames: [],
          count: 1,
        },
      ],
    };
  });

/** Everything that the schema says may be given. */
const valuesOf = ({ schema }: Parameter): unknown[] => {
  const literals = (schema.anyOf ?? []).flatMap((one) => ('const' in one ? [one.const] : []));
  const bounds = [schema.minimum, schema.maximum].filter((bound) => bound !== undefined);
  return [
    ...literals,
    ...bounds,
    ...(schema.examples ?? []),
    ...('default' in schema ? [schema.default] : []),
  ];
};
const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

describe('/api/openapi.json', function () {
  this.timeout(600_000);
  let collector: RunningCollector;
  let document: Document;
  before(async () => {
    collector = await startWholeCollector();
    await collector.visit(traffic(Date.now()));
    await collector.admin('POST', '/api/admin/experiments', {
      name: 'blue-button',
      hypothesis: 'blue is found sooner',
      arms: [
        { name: 'control', weight: 5000 },
        { name: 'blue', weight: 5000 },
      ],
      metric: 'config:save',
      effect: 0.3,
    });
    document = (await (await fetch(`${collector.adminUrl}/api/openapi.json`)).json()) as Document;
  });
  after(() => collector.stop());

  const questions = (): [string, Operation][] =>
    Object.entries(document.paths).flatMap(([path, operations]) =>
      path.startsWith('/api/admin/analytics/') && operations['get'] ? [[path, operations['get']]] : [],
    );
  const call = (path: string, given: Record<string, unknown>) => {
    const query = new URLSearchParams(
      Object.fromEntries(Object.entries(given).map(([name, value]) => [name, textOf(value)])),
    );
    return collector.admin<Record<string, unknown>>('GET', `${path}?${query.toString()}`);
  };
  /** What cannot be left out, as the document's own example gives it. */
  const least = (operation: Operation): Record<string, unknown> =>
    Object.fromEntries(
      operation.parameters
        .filter(({ required }) => required)
        .map(({ name, schema }) => [name, schema.examples![0]]),
    );
  const wrongOf = async (path: string, operation: Operation, given: Record<string, unknown>) => {
    const { status, body } = await call(path, given);
    if (status !== 200) return `${status} ${JSON.stringify(body)}`;
    const wrong = mismatch(operation.responses['200']!.content['application/json']!.schema, body);
    if (wrong) return wrong;
    try {
      checkEstimates(body['data'], path);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('names all sixteen questions and describes every parameter', () => {
    expect(questions().length).to.equal(16);
    for (const [path, { parameters, summary }] of questions()) {
      expect(summary, path).to.not.equal('');
      for (const { name, description, schema, required } of parameters) {
        expect(description, `${path} ${name}`).to.be.a('string').that.is.not.equal('');
        if (required) expect(schema.examples, `${path} ${name}`).to.be.an('array').that.is.not.empty;
        expect(valuesOf({ schema } as Parameter).length, `a value of ${path} ${name}`).to.be.above(0);
      }
    }
  });

  it('lets a reader call every question with every value it names, and answers what it says', async () => {
    const wrong: string[] = [];
    let calls = 0;
    const shared = new Set([
      'site',
      'timeRange',
      'from',
      'to',
      'timeZone',
      'device',
      'channel',
      'country',
      'segment',
    ]);
    for (const [path, operation] of questions()) {
      const base = { ...least(operation), timeRange: '30d' };
      const attempt = async (given: Record<string, unknown>): Promise<void> => {
        calls++;
        const found = await wrongOf(path, operation, given);
        if (found) wrong.push(`${path} ${JSON.stringify(given)}: ${found}`);
      };
      await attempt(base);
      for (const parameter of operation.parameters) {
        const { name } = parameter;
        // files have a test of their own; what all questions share is tried on two of them
        if (name === 'format' || name === 'to') continue;
        if (shared.has(name) && !/overview|popular-configs/.test(path)) continue;
        for (const value of valuesOf(parameter)) {
          const { timeRange: _, ...without } = base as Record<string, unknown>;
          if (name === 'from') {
            const to = operation.parameters.find((one) => one.name === 'to')!.schema.examples![0];
            await attempt({ ...without, from: value, to });
          } else await attempt({ ...base, [name]: value });
        }
      }
    }
    expect(wrong, wrong.join('\n')).to.eql([]);
    expect(calls).to.be.above(150);
  });

  it('refuses what it does not name, with the parameter and what is allowed', async () => {
    for (const [path, operation] of questions()) {
      for (const { name, schema } of operation.parameters) {
        const literals = valuesOf({ schema } as Parameter).filter((value) => typeof value === 'string');
        const bad = schema.anyOf ? 'nonsense' : schema.maximum !== undefined ? schema.maximum + 1 : null;
        if (bad === null) continue;
        const { status, body } = await call(path, { ...least(operation), [name]: bad });
        expect([status, body['parameter']], `${path} ${name}`).to.eql([400, name]);
        for (const literal of schema.anyOf ? literals : [schema.maximum])
          expect(body['detail'], `${path} ${name}`).to.contain(literal === '' ? "''" : String(literal));
      }
      const { status, body } = await call(path, { ...least(operation), nonsense: 1 });
      expect([status, body['parameter']], path).to.eql([400, 'nonsense']);
    }
    const operation = document.paths['/api/admin/analytics/experiments']!['get']!;
    expect(operation.parameters.filter(({ required }) => required).map(({ name }) => name)).to.eql([
      'experiment',
    ]);
    const none = await call('/api/admin/analytics/experiments', {});
    expect([none.status, none.body['parameter']]).to.eql([400, 'experiment']);
  });

  it('says what live answers look like, and real-time is one of them', async () => {
    const operation = document.paths['/api/admin/analytics/real-time']!['get']!;
    const content = operation.responses['200']!.content;
    expect(content).to.have.property('text/event-stream');
    const token = await collector.tokenOf('viewer');
    const leave = new AbortController();
    const response = await fetch(`${collector.adminUrl}/api/admin/analytics/real-time`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
      signal: leave.signal,
    });
    expect(response.headers.get('content-type')).to.contain('text/event-stream');
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (/data: .*\n\n/.test(text)) break;
    }
    leave.abort();
    const answer: unknown = JSON.parse(/data: (.*)\n\n/.exec(text)![1]!);
    expect(mismatch(content['application/json']!.schema, answer)).to.equal(null);
  });
});
