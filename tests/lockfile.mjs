/**
 * Keeps `package-lock.json` free of any registry's name and yet quick to install: every package states the path of its
 * tarball on the placeholder host `registry.invalid`, and `replace-registry-host=always` in `.npmrc` puts whatever registry
 * npm is set to in its place. Without `resolved`, npm 10 and 11 read and parse each package's whole list of versions before
 * they look into their cache: 52 s instead of 25 s. See `docs/decisions/7-lockfile.md`.
 *
 * `node tests/lockfile.mjs` writes the paths after an `npm install`; with `--check` it only says what is wrong.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const HOST = 'https://registry.invalid';

const nameOf = (path, entry) =>
  entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

const tarball = (name, version) => `${HOST}/${name}/-/${name.split('/').pop()}-${version}.tgz`;

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const wrong = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  if (!path.includes('node_modules/') || entry.link || entry.inBundle) continue;
  const resolved = tarball(nameOf(path, entry), entry.version);
  if (entry.resolved === resolved) continue;
  wrong.push(`${path}: resolved is ${entry.resolved ?? 'missing'}, should be ${resolved}`);
  // npm's own order, so that a later `npm install` changes no line that it need not change
  const { name, version, resolved: _, integrity, ...others } = entry;
  lock.packages[path] = {
    ...(name && { name }),
    version,
    resolved,
    ...(integrity && { integrity }),
    ...others,
  };
}

if (wrong.length === 0)
  process.stdout.write('package-lock.json: every package has its path, no registry is named\n');
else if (process.argv.includes('--check')) {
  process.stderr.write(
    `${wrong.slice(0, 10).join('\n')}\n${wrong.length} to mend: node tests/lockfile.mjs\n`,
  );
  process.exit(1);
} else {
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`package-lock.json: ${wrong.length} paths written\n`);
}
