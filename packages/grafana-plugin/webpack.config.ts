import path from 'path';
import type { Configuration } from 'webpack';
import grafanaConfig, { type Env } from './.config/webpack/webpack.config.ts';

/**
 * What we add to the scaffold's build.
 * The hash stands in the chunk's file name: in the query string, as the scaffold has it, an upgrade can serve chunks of
 * two versions to one page, which ends in a ChunkLoadError.
 * `@grafana/i18n` is one copy: Scenes brings its own import of it, and two copies know two sets of texts.
 */
const config = async (env: Env): Promise<Configuration> => {
  const base = await grafanaConfig(env);
  return {
    ...base,
    output: { ...base.output, ...(env.production ? { chunkFilename: '[name].[contenthash].js' } : {}) },
    resolve: {
      ...base.resolve,
      alias: { '@grafana/i18n': path.dirname(require.resolve('@grafana/i18n/package.json')) },
    },
    performance: false,
    stats: 'errors-warnings',
  };
};

export default config;
