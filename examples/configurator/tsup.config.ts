import { defineConfig } from 'tsup';

/** What plain node runs: the demo's server and the generator of traffic. */
export default defineConfig({
  entry: { index: 'server/index.ts', traffic: 'traffic/index.ts' },
  outDir: 'dist/server',
  format: 'esm',
  target: 'node20',
  noExternal: [/^@lintel\//],
  esbuildOptions(options) {
    // The protocol goes in from its source, so no other package has to be built first.
    options.conditions = ['source', 'import'];
  },
  clean: true,
  silent: true,
});
