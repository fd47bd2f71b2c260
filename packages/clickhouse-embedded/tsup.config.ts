import { defineConfig } from 'tsup';

// `bin/engine.js` is not an entry: it is plain JavaScript and is started as it is (see src/engine-process.ts).
export default defineConfig({
  entry: ['src/index.ts', 'src/cli.ts'],
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  clean: true,
  splitting: true,
});
