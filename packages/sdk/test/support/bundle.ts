import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * What a site's bundler makes of a module of ours and the site's own code: one classic script.
 * @param code a module, with imports as seen from `packages/sdk`
 */
export const bundled = async (code: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('../..', import.meta.url)), loader: 'tsx' },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    conditions: ['source'],
    define: { 'process.env.NODE_ENV': '"development"', __VERSION__: '"test"' },
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
};
