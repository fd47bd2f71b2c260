import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { keptSecret } from '../src/secrets.js';

const SECRETS = new URL('../src/secrets.js', import.meta.url).href;

/** A process that asks for one secret after the other from a moment on, and prints what it was told. */
const asker = async (folder: string, from: number, count: number): Promise<string[]> => {
  const program = `
    const { keptSecret } = await import(${JSON.stringify(SECRETS)});
    while (Date.now() < ${from});
    const told = [];
    for (let n = 0; n < ${count}; n++) told.push(keptSecret(${JSON.stringify(folder)} + '/secret-' + n));
    console.log(JSON.stringify(told));`;
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(code).to.equal(0);
  return JSON.parse(out) as string[];
};

describe('a secret that is made at the first start', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lintel-secret-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the same for every process that starts at that moment', async () => {
    const from = Date.now() + 3000;
    const all = await Promise.all([0, 1, 2].map(() => asker(folder, from, 500)));
    for (const told of all) {
      expect(told).to.deep.equal(all[0]);
      for (const secret of told) expect(Buffer.from(secret, 'base64url')).to.have.length(32);
    }
    expect(new Set(all[0])).to.have.property('size', 500);
    expect(readdirSync(folder)).to.have.length(500);
  });

  it('stays, and only its owner may read it', () => {
    const file = join(folder, 'deeper', 'secret');
    const secret = keptSecret(file, 16);
    expect(keptSecret(file, 16)).to.equal(secret);
    expect(readFileSync(file, 'utf8')).to.equal(`${secret}\n`);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('is never empty: a file that lost its content is named', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, '\n');
    expect(() => keptSecret(file)).to.throw(`${file} is empty`);
  });
});
