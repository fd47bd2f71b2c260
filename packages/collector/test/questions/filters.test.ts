import { expect } from 'chai';
import { segmentUnknown } from '../../src/questions/filters.js';
import { QUESTIONS } from '../../src/questions/index.js';
import { viewDefinitions } from '../../src/schema/definitions.js';
import { anExperiment } from '../admin/support/experiment.js';
import { useDatabase } from '../schema/support.js';
import { askScripted } from './scripted.js';
import { RANGE } from './shop.js';
import { scopeOf } from './support.js';

const TOTALS = Object.fromEntries(
  [
    'visitors',
    'sessions',
    'page_views',
    'configurations',
    'inquiring',
    'inquiries',
    'orders',
    'revenue',
    'consented',
    'consented_inquiring',
  ].map((name) => [name, 0]),
);

describe('filters that a question does not keep', () => {
  const filtered = { channel: ['nonsense'], device: ['mobile'], segment: 'many visits' };
  const ask = (name: string, parameters: object, scope: object) =>
    askScripted(
      name,
      {
        overview_trend: [{ ...TOTALS, time: '', whole: 1 }],
        overview_total: [TOTALS],
        session_shape: [{ sessions: 0, events: [0, 0, 0], median_s: 0, bounces: 0 }],
      },
      {
        parameters: { ...(name === 'experiments' ? { experiment: 'hero' } : {}), ...parameters },
        scope,
        sources: { readExperiment: () => anExperiment('hero', RANGE.from) },
      },
    );
  const asked = [
    ...QUESTIONS.map(({ name }) => ({ name, parameters: {} })),
    ...['leads', 'customers'].map((kind) => ({ name: 'customer-segments', parameters: { kind } })),
  ];

  for (const { name, parameters } of asked)
    it(`${name} ${JSON.stringify(parameters)}: says so, and which`, async () => {
      const { asked: read, warnings } = await ask(name, parameters, filtered);
      const keeps = read.some(({ view }) =>
        viewDefinitions()
          .find((one) => one.name === view)!
          .parameters.has('channel'),
      );
      const told = warnings.filter(({ code }) => code === 'FILTERS_IGNORED');
      expect(told.length).to.equal(keeps ? 0 : 1);
      if (!keeps) expect(told[0]!.text).to.match(/: device, channel, segment ignored$/);
      const plain = await ask(name, parameters, {});
      expect(plain.warnings.map(({ code }) => code)).not.to.include('FILTERS_IGNORED');
    });
});

describe('the filter segment', () => {
  const db = useDatabase();
  const warned = (segment: string) => segmentUnknown(db.views.rows, scopeOf({ segment }));

  it('names the segments that there are, when nobody belongs to the one that was asked for', async () => {
    expect(await warned('*')).to.eql([]);
    expect((await warned('many visits'))[0]!.text).to.contain('there is none yet');
    const members = [
      { site_id: 1, segment: 'many visits', visitor: 1 },
      { site_id: 1, segment: 'saves designs', visitor: 2 },
      { site_id: 1, segment: 'saves designs', visitor: 3 },
      { site_id: 2, segment: 'of another site', visitor: 4 },
    ];
    await db
      .as('migrator')
      .insert(
        'INSERT INTO segment_members FORMAT JSONEachRow',
        Buffer.from(members.map((row) => JSON.stringify(row)).join('\n')),
      );
    expect(await warned('many visits')).to.eql([]);
    expect(await warned('many visit')).to.eql([
      {
        code: 'UNKNOWN_SEGMENT',
        text: 'nobody belongs to the segment many visit; there are: saves designs; many visits',
      },
    ]);
  });
});
