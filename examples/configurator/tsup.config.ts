import { defineConfig } from 'tsup';

/** What plain node runs: the demo's server, the generator of traffic, and the catalogue's types. */
export default defineConfig({
  entry: { index: 'server/index.ts', traffic: 'traffic/index.ts' },
  outDir: 'dist/server',
  format: 'esm',
  target: 'node20',
  noExternal: [/^@lintel\//],
  clean: true,
  silent: true,
});
