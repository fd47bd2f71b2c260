import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** Grafana's public packages of one version. */
export interface HostVersion {
  version: string;
  /** Folder from which the packages are resolved. */
  root: string;
}

/** The version that the plugin is built against: the packages of this workspace. */
export const pinnedHost = (): HostVersion => {
  const file = createRequire(import.meta.url).resolve('@grafana/runtime/package.json');
  const { version } = createRequire(import.meta.url)(file) as { version: string };
  return { version, root: here };
};

/** Another version, when its packages are installed in `hosts/<version>` (a lock file of its own, outside the workspaces). */
export const installedHost = (version: string): HostVersion | null => {
  const root = join(here, 'hosts', version);
  return existsSync(join(root, 'node_modules', '@grafana', 'runtime')) ? { version, root } : null;
};

const packageRoot = (root: string, name: string): string =>
  dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`));

/** Bare imports of the host's own files come from the packages of that version. */
const fromVersion = ({ root }: HostVersion): Plugin => ({
  name: 'from-version',
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /^host:plugin-page$/ }, () => ({
      path: join(packageRoot(root, '@grafana/runtime'), 'dist/esm/components/PluginPage.mjs'),
    }));
    onResolve({ filter: /^host:scene-interpolator$/ }, () => ({
      path: join(
        packageRoot(here, '@grafana/scenes'),
        'dist/esm/variables/interpolation/sceneInterpolator.js',
      ),
    }));
    onResolve({ filter: /^[@a-z]/ }, async ({ path, importer, kind, pluginData }) => {
      if (pluginData === 'again' || !importer.startsWith(join(here, 'host'))) return undefined;
      return resolve(path, { resolveDir: root, kind, pluginData: 'again' });
    });
  },
});

/** @returns the folder whose `host.js` is the page of that Grafana */
export const bundleHost = async (host: HostVersion, outdir: string): Promise<void> => {
  await build({
    entryPoints: { host: join(here, 'host', 'main.tsx') },
    outdir,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'error',
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env.JEST_WORKER_ID': 'undefined',
      global: 'window',
    },
    loader: {
      '.svg': 'dataurl',
      '.png': 'dataurl',
      '.woff': 'dataurl',
      '.woff2': 'dataurl',
      '.ttf': 'dataurl',
      '.gif': 'dataurl',
    },
    plugins: [fromVersion(host)],
  });
};

/** Icons that `@grafana/ui` fetches by name. */
export const publicFolder = ({ root }: HostVersion): string =>
  join(packageRoot(root, '@grafana/ui'), 'dist', 'public');
