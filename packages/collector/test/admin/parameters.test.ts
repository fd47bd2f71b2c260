import bowser from 'bowser';
import { readFileSync } from 'node:fs';
import type { TObject } from '@sinclair/typebox';
import { expect } from 'chai';
import { parseParameters } from '../../src/admin/parameters.js';
import { resolveScope, ScopeParameters } from '../../src/admin/scope.js';
import { BadParameter } from '../../src/errors.js';
import { QUESTIONS } from '../../src/questions/index.js';
import { JOURNEY_TYPES } from '../../src/questions/steps.js';
import { scopeOf } from '../questions/support.js';

type Query = Record<string, unknown>;

const ownOf = (name: string): TObject => QUESTIONS.find((one) => one.name === name)!.parameters;
const refusal = (schema: TObject, query: Query): BadParameter => {
  try {
    parseParameters(schema, query);
  } catch (error) {
    if (error instanceof BadParameter) return error;
    throw error;
  }
  return expect.fail(`${JSON.stringify(query)} was taken`);
};

describe('query parameters', () => {
  it('filters: an empty list is refused, not answered with an empty shop', () => {
    for (const name of ['device', 'channel', 'country', 'model'])
      for (const value of ['', ',', ['', '']]) {
        const { parameter, message } = refusal(ScopeParameters, { [name]: value });
        expect(parameter).to.equal(name);
        expect(message).to.contain(`${name} must be a comma-separated list of 1 to 50 values`);
      }
  });

  it('device: what no browser can be is refused with what there is', () => {
    const { parameter, message } = refusal(ScopeParameters, { device: 'mobile,fridge' });
    expect(parameter).to.equal('device');
    expect(message).to.contain('must be one of *, desktop, mobile, tablet, tv');
    // every class that the edge may read out of a User-Agent
    const classes = Object.values(bowser.PLATFORMS_MAP).join(',');
    expect(parseParameters(ScopeParameters, { device: classes }).device).to.have.length(5);
    expect(parseParameters(ScopeParameters, { device: 'mobile,tablet' }).device).to.eql(['mobile', 'tablet']);
  });

  it('lists: one text is split at its commas, several are taken as they are', () => {
    const models = (model: unknown): string[] => parseParameters(ScopeParameters, { model }).model;
    expect(models('a,b')).to.eql(['a', 'b']);
    expect(models(['a,b', 'c'])).to.eql(['a,b', 'c']);
    expect(models(['a,b', ''])).to.eql(['a,b']);
    expect(
      parseParameters(ownOf('conversion-funnel'), { steps: ['page_view:/a,b', 'inquiry'] }),
    ).to.deep.include({
      steps: ['page_view:/a,b', 'inquiry'],
    });
  });

  it('steps: types that no way is made of are refused with those that are', () => {
    for (const [question, name] of [
      ['conversion-funnel', 'steps'],
      ['cohorts', 'returning'],
    ] as const)
      for (const step of ['click', 'click:#plan', 'pageview', 'page_views', 'inquiry_sent', ':save']) {
        const { parameter, message } = refusal(ownOf(question), { [name]: step });
        expect(parameter).to.equal(name);
        for (const type of JOURNEY_TYPES) expect(message, step).to.contain(type);
      }
    for (const step of [...JOURNEY_TYPES, 'config:save', 'page_view:/a b', 'custom:x:y'])
      expect(parseParameters(ownOf('cohorts'), { returning: step })).to.include({ returning: step });
  });

  it('steps: the types are those that the roll-up keeps', () => {
    const sql = readFileSync(new URL('../../src/schema/rollups/journey.sql', import.meta.url), 'utf8');
    const [, kept] = /AND type IN \(([^)]+)\)\s*$/.exec(sql)!;
    expect(kept!.split(', ').map((type) => type.slice(1, -1))).to.eql([...JOURNEY_TYPES]);
  });

  it('experiments: any event may be an outcome, but it must be one', () => {
    const own = ownOf('experiments');
    expect(parseParameters(own, { experiment: 'e', metric: 'click' })).to.include({ metric: 'click' });
    const { parameter, message } = refusal(own, { experiment: 'e', metric: 'inquiries' });
    expect([parameter, message.includes('|inquiry|')]).to.eql(['metric', true]);
  });

  it('timeZone: spelled as ClickHouse wants it, or refused', () => {
    const { site } = scopeOf();
    const zoneOf = (timeZone: string): string =>
      resolveScope(
        parseParameters(ScopeParameters, { timeZone }),
        { all: [site] } as never,
        { sites: '*' } as never,
        { now: () => 0 },
      ).timeZone;
    expect(['europe/vienna', 'EUROPE/VIENNA', 'Asia/Kolkata', 'asia/kolkata', 'utc'].map(zoneOf)).to.eql([
      'Europe/Vienna',
      'Europe/Vienna',
      'Asia/Kolkata',
      'Asia/Kolkata',
      'UTC',
    ]);
    for (const wrong of ['+01:00', '-0530', 'Mars/Base', ''])
      expect(() => zoneOf(wrong), wrong).to.throw(BadParameter, 'timeZone must be an IANA zone');
  });
});
