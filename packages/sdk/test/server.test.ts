import { expect } from 'chai';
import { execFileSync } from 'node:child_process';

describe('on a server', () => {
  it('imports without touching a global of the browser, and hands out a client that does nothing', () => {
    const code = `
      const touched = [];
      for (const name of ['window', 'document', 'location', 'indexedDB', 'localStorage'])
        Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); return undefined; } });
      const { init } = await import('@lintel/sdk');
      await import('@lintel/sdk/capture/clicks');
      await import('@lintel/sdk/capture/vitals');
      await import('@lintel/sdk/service-worker');
      const atImport = [...touched];
      const client = init({ key: 'pk_test' });
      client.track('x'); client.price({ priceCents: 1 }); await client.consent('all');
      console.log(JSON.stringify([atImport, client.consent(), await client.experiment('hero')]));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: new URL('..', import.meta.url),
      encoding: 'utf8',
    });
    expect(JSON.parse(said)).to.eql([[], 'off', 'control']);
  });
});
