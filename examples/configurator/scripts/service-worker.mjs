// Last step of the build: bundles src/service-worker and writes the list of precached files into it.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { injectManifest } from 'workbox-build';

const root = new URL('../', import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));

await build({
  configFile: false,
  root: path('.'),
  publicDir: false,
  logLevel: 'warn',
  // Workbox asks for the mode at run time; a worker has no `process`.
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: path('dist/site'),
    emptyOutDir: false,
    target: 'es2022',
    lib: {
      entry: path('src/service-worker/index.ts'),
      formats: ['iife'],
      name: 'worker',
      fileName: () => 'bundle.js',
    },
  },
});
const { count, size, warnings } = await injectManifest({
  globDirectory: path('dist/site'),
  globPatterns: ['assets/*.{js,css}', 'icon.svg', 'manifest.webmanifest'],
  // Their names already carry a hash.
  dontCacheBustURLsMatching: /^assets\//,
  swSrc: path('dist/site/bundle.js'),
  swDest: path('dist/site/service-worker.js'),
});
await rm(path('dist/site/bundle.js'));
for (const warning of warnings) console.warn(warning);
if (count === 0 || size === 0) throw new Error('nothing would be precached');
