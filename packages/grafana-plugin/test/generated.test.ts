import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { generated } from '../generate/files.js';
import { keysInCode, keysOf, type Texts } from '../generate/locales.js';
import { pluginJsonRoute, ROUTES } from '../src/api/routes.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(root + path, 'utf8');
const plugin = 'packages/grafana-plugin/src';

describe('generated files', () => {
  it('are up to date (npm run generate --workspace packages/grafana-plugin)', async () => {
    for (const { path, text } of await generated()) expect(read(path), path).to.equal(text);
  });

  it('route every entry with an action and the permission that travels with it', () => {
    const { routes } = JSON.parse(read(`${plugin}/plugin.json`)) as { routes: unknown[] };
    expect(routes).to.deep.equal(ROUTES.map(pluginJsonRoute));
    for (const { action, permission } of ROUTES) {
      expect(action).to.match(/^lintel-app/);
      expect(permission).to.match(/^[a-z-]+\.[a-z]+$/);
    }
  });

  it('declare only pages and dashboards that exist', () => {
    const { includes } = JSON.parse(read(`${plugin}/plugin.json`)) as {
      includes: { type: string; path: string; role?: string; action?: string }[];
    };
    for (const include of includes) {
      if (include.type === 'dashboard') expect(() => read(`${plugin}/${include.path}`)).not.to.throw();
      // without a role, Editors and Viewers do not see the page
      else expect(include).to.include.keys('role', 'action');
    }
  });
});

describe('texts', () => {
  const german = JSON.parse(read(`${plugin}/locales/de-DE/lintel-app.json`)) as Texts;

  const at = (texts: Texts, key: string): string =>
    key.split('.').reduce<string | Texts>((place, part) => (place as Texts)[part]!, texts) as string;

  it('are all there in German', () => {
    expect(keysOf(german).sort()).to.deep.equal([...keysInCode().keys()].sort());
  });

  it('keep the places for values in German', () => {
    const places = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
    for (const [key, text] of keysInCode()) expect(places(at(german, key)), key).to.deep.equal(places(text));
  });
});

describe('dashboards', () => {
  interface Panel {
    id: number;
    title: string;
    description: string;
    datasource: { uid: string };
    targets: { datasource: { uid: string }; rawSql: string }[];
    fieldConfig: { defaults: { unit: string; noValue: string } };
    gridPos: { x: number; y: number; w: number; h: number };
  }
  const dashboard = JSON.parse(read(`${plugin}/dashboards/lintel-real-time.json`)) as {
    uid: string;
    id: null;
    panels: Panel[];
  };

  it('can be imported anywhere: no id, a fixed uid, the data source of a variable', () => {
    expect(dashboard.id).to.equal(null);
    expect(dashboard.uid).to.equal('lintel-real-time');
    for (const { datasource, targets } of dashboard.panels) {
      expect(datasource.uid).to.equal('${ds}');
      for (const target of targets) expect(target.datasource.uid).to.equal('${ds}');
    }
  });

  it('give every panel an id of its own, a unit, a description and words for nothing', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).to.equal(dashboard.panels.length);
    for (const { title, description, fieldConfig } of dashboard.panels) {
      expect(title).not.to.equal('');
      expect(description, title).not.to.equal('');
      expect(fieldConfig.defaults.unit, title).not.to.equal('');
      expect(fieldConfig.defaults.noValue, title).not.to.equal('');
    }
  });

  it('place panels beside each other', () => {
    const overlap = (a: Panel['gridPos'], b: Panel['gridPos']): boolean =>
      a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
    for (const [index, one] of dashboard.panels.entries()) {
      expect(one.gridPos.x + one.gridPos.w).to.be.at.most(24);
      for (const other of dashboard.panels.slice(index + 1)) {
        expect(overlap(one.gridPos, other.gridPos), `${one.title} / ${other.title}`).to.equal(false);
      }
    }
  });
});
