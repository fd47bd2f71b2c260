import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import resolve from '@rollup/plugin-node-resolve';
import replace from '@rollup/plugin-replace';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';
import { internalNames } from './scripts/internal-names.js';
import { manifestFiles } from './scripts/manifest.js';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

const shared = (target, values = {}) => [
  replace({ preventAssignment: true, values: { __VERSION__: JSON.stringify(version), ...values } }),
  resolve({ exportConditions: ['source'], extensions: ['.ts', '.js', '.tsx'] }),
  // async functions stay async: down-levelled ones are larger and slower
  esbuild({ target, tsconfig: false }),
];

// the files of the script tag hand parts to each other: what is shortened in one is called the same in all
const nameCache = {};
/** @param compress what packs better in one file than in the others */
const minify = (compress) =>
  terser({
    ecma: 2020,
    module: true,
    compress: {
      passes: 3,
      inline: 1,
      unsafe_arrows: true,
      unsafe_methods: true,
      pure_getters: true,
      keep_fargs: false,
      ...compress,
    },
    mangle: { properties: { regex: new RegExp(`^_|^(${internalNames().join('|')})$`) } },
    nameCache,
    format: { comments: false },
  });

/**
 * One word for both kinds of variables packs better than two, and neighbours become one list when they are minified;
 * what may not be assigned, the compiler has checked.
 */
const oneWord = () => ({
  name: 'one-word',
  renderChunk(code, _chunk, { sourcemap }) {
    if (sourcemap) return null;
    const places = [];
    const look = (node) => {
      if (node?.type === 'VariableDeclaration' && node.kind === 'const') places.push(node.start);
      if (node && typeof node === 'object') Object.values(node).forEach(look);
    };
    look(this.parse(code));
    const parts = [0, ...places].map((from, n) =>
      code.slice(from, places[n]).replace(/^const/, n ? 'let' : '$&'),
    );
    return { code: parts.join(''), map: null };
  },
});

/** What the core has already its chunks take from it, so that it travels once. */
const KIT = '\0core';
const fromCore = () => {
  const kit = readFileSync('src/kit.ts', 'utf8');
  const names = /kit = \[([^]*)\]/.exec(kit)[1];
  const files = [...kit.matchAll(/import {(.*)} from '.(.*)\.js'/g)].map(([, taken, file]) => ({
    taken,
    end: `/src${file}.ts`,
  }));
  return {
    name: 'from-core',
    async resolveId(source, importer, options) {
      if (source === KIT) return KIT;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      const file = files.find(({ end }) => found?.id.endsWith(end));
      return file ? `\0core:${file.end}` : null;
    },
    load(id) {
      if (id === KIT) return `export const [${names}] = document.currentScript.kit;`;
      const file = files.find(({ end }) => id === `\0core:${end}`);
      return file && `export {${file.taken}} from ${JSON.stringify(KIT)};`;
    },
  };
};

const sha384 = (bytes) => `sha384-${createHash('sha384').update(bytes).digest('base64')}`;

/** A file knows the hash of the one it loads, which is built before; rollup builds a list of configurations in order. */
const integrity = (name) => ({
  name: 'integrity',
  renderChunk: (code) => ({
    map: null,
    code: code.replace('__INTEGRITY__', JSON.stringify({ [name]: sha384(readFileSync(`dist/${name}`)) })),
  }),
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

const script = (input, file, plugins = [], own = [], compress = {}) => ({
  input,
  treeshake: { propertyReadSideEffects: false },
  output: {
    file,
    format: 'iife',
    indent: false,
    // `LINTEL_MAP=1`: which file weighs what
    sourcemap: !!process.env.LINTEL_MAP,
    plugins: [...plugins, oneWord(), minify(compress)],
  },
  plugins: [...own, ...shared('es2022', { __TAG__: 'true' })],
});

const captures = readdirSync('src/capture').map((name) => `src/capture/${name}`);

export default [
  {
    input: ['src/index.ts', 'src/service-worker.ts', 'src/react.ts', ...captures],
    // the validator of `debug` is the collector's own, a dependency and no part of our files
    external: ['react', '@lintel/protocol'],
    output: { dir: 'dist/esm', format: 'es', preserveModules: true, preserveModulesRoot: 'src' },
    plugins: shared('es2020'),
  },
  script('src/chunk-vitals.ts', 'dist/lintel-vitals.js', [], [], {
    lhs_constants: false,
    unsafe_methods: false,
  }),
  script('src/chunk-signals.ts', 'dist/lintel-signals.js', [integrity('lintel-vitals.js')], [fromCore()], {
    passes: 5,
  }),
  script('src/worker.ts', 'dist/lintel-sw.js'),
  script('src/snippet.ts', 'dist/lintel.js', [integrity('lintel-signals.js'), manifest()]),
];
