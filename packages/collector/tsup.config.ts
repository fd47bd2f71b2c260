import { cpSync } from 'node:fs';
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { main: 'src/main.ts', lintel: 'src/cli/lintel.ts', statistics: 'src/statistics/index.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  silent: true,
  // the wire is compiled in; everything else is resolved from node_modules at run time
  noExternal: ['@lintel/protocol'],
  esbuildOptions: (options) => {
    options.conditions = ['source'];
  },
  onSuccess: () => {
    cpSync('src/schema', 'dist/schema', { recursive: true, filter: (path) => !path.endsWith('.ts') });
    cpSync('src/buffer/lua', 'dist/lua', { recursive: true });
    return Promise.resolve();
  },
});
