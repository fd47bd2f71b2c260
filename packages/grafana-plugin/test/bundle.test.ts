import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const read = (name: string): string => readFileSync(dist + name, 'utf8');
const scripts = readdirSync(dist).filter((name) => name.endsWith('.js'));

/** Bytes; what every page of the plugin loads, and what Home loads with Scenes. */
const BUDGET = { module: 21_500, moduleGzip: 9900, everything: 650_000 };

describe('the built plugin (npm run build)', () => {
  it('keeps the entry small: no page, no Scenes', () => {
    const entry = read('module.js');
    expect(entry.length).to.be.at.most(BUDGET.module);
    expect(gzipSync(entry).length).to.be.at.most(BUDGET.moduleGzip);
    expect(entry).not.to.contain('SceneQueryRunner');
    expect(entry).not.to.contain('SELECT * FROM');
  });

  it('keeps all scripts within what Scenes weighs', () => {
    const bytes = scripts.reduce((sum, name) => sum + read(name).length, 0);
    expect(bytes).to.be.at.most(BUDGET.everything);
  });

  it('asks the host for React instead of bringing it', () => {
    expect(read('module.js')).to.match(/define\(\[[^\]]*"react\/jsx-runtime"/);
    for (const name of scripts) {
      expect(read(name), name).not.to.match(/__SECRET_INTERNALS|ReactDOM\.render|findDOMNode/);
    }
  });

  it('names its version and carries the hash of a chunk in its file name', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const plugin = JSON.parse(read('plugin.json')) as { id: string; info: { version: string } };
    expect(plugin).to.deep.include({ id: 'lintel-app' });
    expect(plugin.info.version).to.equal(version);
    for (const name of scripts.filter((one) => one !== 'module.js'))
      expect(name).to.match(/^\d+\.[0-9a-f]{20}\.js$/);
  });
});
