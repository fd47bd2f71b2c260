/**
 * What a site pays for importing one signal: each of `@lintel/sdk/capture/<name>` as a bundler makes it of the built
 * files, with all it needs, in `.build/capture/`. `.size-limit.json` holds a limit for each.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = new URL('../', import.meta.url);
const read = (name) => readFileSync(new URL(name, ROOT), 'utf8');

/** The signals: the files whose export of the file's name is a `Capture`. */
const names = readdirSync(new URL('src/capture/', ROOT))
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((name) => read(`src/capture/${name}.ts`).includes(`export const ${name}: Capture`));

const limits = new Set(JSON.parse(read('.size-limit.json')).map(({ path }) => path));
for (const name of names)
  if (!limits.has(`.build/capture/${name}.js`)) throw new Error(`no limit in .size-limit.json: ${name}`);

await build({
  absWorkingDir: fileURLToPath(ROOT),
  entryPoints: names.map((name) => `dist/esm/capture/${name}.js`),
  outdir: '.build/capture',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'error',
});
