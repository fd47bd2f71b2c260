import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { revised } from './dashboards/index.js';
import { englishFile } from './locales.js';
import { pluginJson } from './pluginJson.js';
import { viewsFile } from './views.js';

/** Path from the root of the repository, and the text that belongs there. */
export interface GeneratedFile {
  path: string;
  text: string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

const pretty = async ({ path, text }: GeneratedFile): Promise<GeneratedFile> => ({
  path,
  text: await format(text, { ...(await resolveConfig(root + path)), filepath: root + path }),
});

const PLUGIN = 'packages/grafana-plugin';

/** Every file that this package derives from something else. */
export const generated = (): Promise<GeneratedFile[]> => {
  const { dashboards, revisions } = revised();
  return Promise.all(
    [
      { path: `${PLUGIN}/src/queries/views.generated.ts`, text: viewsFile() },
      { path: `${PLUGIN}/src/locales/en-US/lintel-app.json`, text: englishFile() },
      { path: `${PLUGIN}/src/plugin.json`, text: pluginJson() },
      { path: `${PLUGIN}/generate/dashboards/revisions.json`, text: revisions },
      ...dashboards.map(({ uid, text }) => ({ path: `${PLUGIN}/src/dashboards/${uid}.json`, text })),
    ].map(pretty),
  );
};
