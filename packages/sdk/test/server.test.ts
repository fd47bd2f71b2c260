import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect } from 'chai';

const PACKAGE = new URL('..', import.meta.url);
/** Everything that `exports` of the package opens, each signal by its name. */
const ENTRIES = [
  '.',
  './react',
  './service-worker',
  ...readdirSync(new URL('dist/esm/capture/', PACKAGE)).map((name) => `./capture/${name.slice(0, -3)}`),
];
const BROWSER = [
  'window',
  'document',
  'location',
  'history',
  'navigator',
  'screen',
  'self',
  'indexedDB',
  'localStorage',
  'sessionStorage',
  'caches',
  'fetch',
  'addEventListener',
  'MutationObserver',
  'customElements',
];

/** A server's process: every global of a browser is watched and missing. → what `code` writes down */
const onServer = (code: string): unknown =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `const touched = [];
         for (const name of ${JSON.stringify(BROWSER)})
           Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); return undefined; } });
         ${code}`,
      ],
      { cwd: PACKAGE, encoding: 'utf8' },
    ),
  );

describe('on a server', () => {
  for (const entry of ENTRIES)
    it(`imports ${entry} without touching a global of the browser`, () => {
      const name = entry.replace('.', '@lintel/sdk');
      expect(onServer(`await import('${name}'); console.log(JSON.stringify(touched));`)).to.eql([]);
    });

  it('hands out a client that does nothing', () => {
    const said = onServer(`
      const { init } = await import('@lintel/sdk');
      const client = init({ key: 'pk_test' });
      for (const [name, ...args] of [['track', 'x'], ['set', {}], ['page'], ['ready'], ['price', { priceCents: 1 }],
        ['select', {}], ['config', {}], ['inquiry', {}], ['identify', 'x'], ['reset'], ['error', new Error()]])
        client[name](...args);
      client.observe({}, 'x')();
      await client.consent('all');
      await client.shutdown();
      console.log(JSON.stringify([client.consent(), client.visitor(), await client.experiment('hero'),
        client.variant('hero') ?? null, (await client.flush()).generated, touched.filter((name) => name !== 'document')]));`);
    expect(said).to.eql(['off', null, 'control', null, 0, []]);
  });

  it('renders the React parts: children stand, an experiment is undecided, the boundary waits', () => {
    const said = onServer(`
      const { createElement: h } = await import('react');
      const { renderToString } = await import('react-dom/server');
      const { init } = await import('@lintel/sdk');
      const { LintelProvider, LintelBoundary, useExperiment, useSeen, useLintel } = await import('@lintel/sdk/react');
      const Hero = () => h('p', { ref: useSeen('hero') }, String(useExperiment('hero')), useLintel().consent());
      const client = init({ key: 'pk_test' });
      const html = renderToString(h(LintelProvider, { client }, h(LintelBoundary, { fallback: 'sorry' }, h(Hero))));
      let without = '';
      try { renderToString(h(Hero)); } catch (error) { without = error.message; }
      console.log(JSON.stringify([html.replace(/<!-- -->/g, '|'), without]));`);
    expect(said).to.eql(['<p>undefined|off</p>', 'useLintel needs a LintelProvider above it']);
  });
});
