import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import resolve from '@rollup/plugin-node-resolve';
import replace from '@rollup/plugin-replace';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';
import { manifestFiles } from './scripts/manifest.js';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

const shared = () => [
  replace({ preventAssignment: true, values: { __VERSION__: JSON.stringify(version) } }),
  resolve({ exportConditions: ['source'], extensions: ['.ts', '.js', '.tsx'] }),
  // async functions stay async: down-levelled ones are larger and slower
  esbuild({ target: 'es2020', tsconfig: false }),
];

const minify = () =>
  terser({
    ecma: 2020,
    module: true,
    compress: { passes: 2, unsafe_arrows: true, pure_getters: true },
    mangle: { properties: { regex: /^_/ } },
    format: { comments: false },
  });

const sha384 = (bytes) => `sha384-${createHash('sha384').update(bytes).digest('base64')}`;

/** The core knows the hashes of its chunks, so they are built first; rollup builds a list of configurations in order. */
const integrity = () => ({
  name: 'integrity',
  renderChunk: (code) =>
    code.replace(
      '__INTEGRITY__',
      JSON.stringify(
        Object.fromEntries(
          ['signals', 'vitals'].map((name) => [name, sha384(readFileSync(`dist/lintel-${name}.js`))]),
        ),
      ),
    ),
});

/** Everything a page may load, with what its tag needs and what it weighs. */
const manifest = () => ({
  name: 'manifest',
  writeBundle() {
    writeFileSync('dist/stub.js', readFileSync('src/stub.js', 'utf8').trim().split('\n').at(-1));
    const names = readdirSync('dist').filter((name) => name.endsWith('.js'));
    const files = Object.fromEntries(
      names.sort().map((name) => {
        const bytes = readFileSync(`dist/${name}`);
        return [
          name,
          { integrity: sha384(bytes), bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length },
        ];
      }),
    );
    rmSync('dist/manifest.json.sig', { force: true });
    const key = process.env.LINTEL_SDK_SIGNING_KEY;
    for (const [name, text] of Object.entries(manifestFiles({ version, files }, key)))
      writeFileSync(`dist/${name}`, text);
    if (!key) console.log('manifest.json is unsigned: LINTEL_SDK_SIGNING_KEY holds no key');
  },
});

const script = (input, file, plugins = []) => ({
  input,
  output: { file, format: 'iife', indent: false, plugins: [...plugins, minify()] },
  plugins: shared(),
});

const captures = readdirSync('src/capture').map((name) => `src/capture/${name}`);

export default [
  {
    input: ['src/index.ts', 'src/service-worker.ts', 'src/react.ts', ...captures],
    external: [/^idb-keyval/, /^web-vitals/, 'react'],
    output: { dir: 'dist/esm', format: 'es', preserveModules: true, preserveModulesRoot: 'src' },
    plugins: shared(),
  },
  script('src/chunk-signals.ts', 'dist/lintel-signals.js'),
  script('src/chunk-vitals.ts', 'dist/lintel-vitals.js'),
  script('src/worker.ts', 'dist/lintel-sw.js'),
  script('src/snippet.ts', 'dist/lintel.js', [integrity(), manifest()]),
];
