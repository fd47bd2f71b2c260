import { expect } from 'chai';
import { viewDefinitions } from '../../collector/src/schema/definitions.js';
import { FROM, listVariable, TO, variable, view, type ViewName } from '../src/queries/view.js';
import { allStatements } from './support/statements.js';

describe('view', () => {
  it('writes literals, variables and macros', () => {
    expect(view('site_time_zone', { site: 1 })).to.equal('SELECT * FROM lintel.site_time_zone(site=1)');
    expect(view('real_time', { site: variable('site'), tz: 'Europe/Vienna' })).to.equal(
      "SELECT * FROM lintel.real_time(site=${site:singlequote}, tz='Europe/Vienna')",
    );
    expect(view('sites', {})).to.equal('SELECT * FROM lintel.sites');
    const scope = {
      site: 1,
      from: FROM,
      to: TO,
      device: ['*'],
      channel: ["o'x", '\\'],
      country: ['*'],
      segment: '*',
    };
    expect(view('overview_total', { ...scope, model: listVariable('model') })).to.equal(
      "SELECT * FROM lintel.overview_total(channel=['o\\'x','\\\\'], country=['*'], device=['*'], " +
        "from=$__fromTime_ms, model=[${model:singlequote}], segment='*', site=1, to=$__toTime_ms)",
    );
  });

  it('refuses what ClickHouse would ignore silently, and what it would refuse late', () => {
    expect(() => view('freshness', { site: 1, tz: 'x' } as never)).to.throw('view freshness: unknown tz');
    expect(() => view('freshness', {} as never)).to.throw('view freshness: missing site');
  });

  it('is asked by name and with exactly the parameters of its file, everywhere', () => {
    const views = new Map(viewDefinitions().map((one) => [one.name, [...one.parameters.keys()].sort()]));
    expect(allStatements()).to.have.length.above(8);
    for (const { where, sql } of allStatements()) {
      const [, name, list] = /^SELECT \* FROM lintel\.(\w+)(?:\((.*)\))?$/.exec(sql) ?? [];
      expect(views.has(name as ViewName), `${where}: ${sql}`).to.equal(true);
      const given = [...(list ?? '').matchAll(/(?:^|, )(\w+)=/g)].map(([, one]) => one!);
      expect(given, where).to.deep.equal(views.get(name!));
    }
  });
});
