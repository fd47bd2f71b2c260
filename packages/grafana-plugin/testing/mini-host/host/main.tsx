/** A page of Grafana without Grafana: its public packages, its singletons, an AMD loader, and the built plugin. */
import * as emotionCss from '@emotion/css';
import * as emotionReact from '@emotion/react';
import * as grafanaData from '@grafana/data';
import {
  EventBusSrv,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  type AppPlugin,
  type AppPluginMeta,
  type TimeZone,
} from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import {
  config,
  LocationServiceProvider,
  locationService,
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setPluginImportUtils,
  setRunRequest,
  setTemplateSrv,
  type TemplateSrv,
} from '@grafana/runtime';
import { setPluginPage } from 'host:plugin-page';
import { sceneInterpolator } from 'host:scene-interpolator';
import * as grafanaUi from '@grafana/ui';
import * as i18next from 'i18next';
import * as lodash from 'lodash';
import React, { useEffect, useState } from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import * as reactDom from 'react-dom';
import { createRoot } from 'react-dom/client';
import * as reactRouter from 'react-router';
import * as rxjs from 'rxjs';
import { loadModule } from './amd.js';
import { backendSrv } from './backendSrv.js';
import { dataSourceSrv, type HostDataSource } from './dataSources.js';
import { panelPlugins } from './panels.js';
import { PluginPage } from './PluginPage.js';
import { runRequest } from './runRequest.js';
import { standardFields } from './standardFields.js';

/** Written into the page by the server. */
export interface HostPage {
  module: string;
  meta: AppPluginMeta;
  dataSources: HostDataSource[];
  language: string;
  timeZone: TimeZone;
}
declare global {
  interface Window {
    lintelHost: HostPage;
    lintelHostState: 'loading' | 'mounted' | 'failed';
  }
}

const page = window.lintelHost;

const install = (): void => {
  standardTransformersRegistry.setInit(() => {
    const seen = new Set<string>();
    return Object.values(standardTransformers)
      .filter(({ id }) => !seen.has(id) && seen.add(id))
      .map((transformation) => ({
        id: transformation.id,
        name: transformation.name,
        transformation,
        editor: () => null,
      })) as never;
  });
  standardEditorsRegistry.setInit(() => []);
  standardFieldConfigEditorRegistry.setInit(standardFields);
  setAppEvents(new EventBusSrv());
  setBackendSrv(backendSrv());
  setTemplateSrv({
    // Scenes hand their own object along: what core's template service does with it
    replace: (text = '', scopedVars = {}, format) => {
      const scene = (scopedVars['__sceneObject']?.value as { valueOf(): object } | undefined)?.valueOf();
      return scene ? sceneInterpolator(scene, text, scopedVars, format) : text;
    },
    getVariables: () => [],
    containsTemplate: (text) => /\$\{?\w/.test(text ?? ''),
    updateTimeRange: () => undefined,
  } as TemplateSrv);
  setDataSourceSrv(dataSourceSrv(page.dataSources));
  setRunRequest(runRequest);
  setPluginImportUtils(panelPlugins);
  setPluginPage(PluginPage);
  config.datasources = Object.fromEntries(page.dataSources.map((one) => [one.name, one])) as never;
};

const shared: Readonly<Record<string, unknown>> = {
  '@emotion/css': emotionCss,
  '@emotion/react': emotionReact,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  i18next,
  lodash,
  react: React,
  'react-dom': reactDom,
  'react-router': reactRouter,
  'react/jsx-runtime': jsxRuntime,
  rxjs,
};

/** Grafana's router follows its location service. */
const Host = ({ plugin }: { plugin: AppPlugin }) => {
  const history = locationService.getHistory();
  const [location, setLocation] = useState(history.location);
  useEffect(() => history.listen((next: typeof location) => setLocation(next)), [history]);
  const Root = plugin.root!;
  const ConfigPage = plugin.configPages?.[0]?.body;
  return (
    <grafanaData.ThemeContext.Provider value={config.theme2}>
      <grafanaUi.GlobalStyles />
      <LocationServiceProvider service={locationService}>
        <reactRouter.Router location={location as never} navigator={history as never}>
          {location.pathname.startsWith('/plugins/') ? (
            <main style={{ padding: 24 }}>
              <h1>Lintel</h1>
              {ConfigPage && <ConfigPage plugin={{ ...plugin, meta: page.meta } as never} query={{}} />}
            </main>
          ) : (
            <reactRouter.Routes>
              <reactRouter.Route
                path={`/a/${page.meta.id}/*`}
                element={
                  <Root
                    meta={page.meta}
                    path={location.pathname}
                    basename={`/a/${page.meta.id}`}
                    query={{}}
                    onNavChanged={() => undefined}
                  />
                }
              />
            </reactRouter.Routes>
          )}
        </reactRouter.Router>
      </LocationServiceProvider>
      <grafanaUi.PortalContainer />
    </grafanaData.ThemeContext.Provider>
  );
};

const start = async (): Promise<void> => {
  window.lintelHostState = 'loading';
  // one text of the host's own: i18next resolves to a language only when it knows something in it
  const resources = { [page.language]: { grafana: { host: 'Grafana' } } };
  await i18next.default.init({ lng: page.language, resources, returnEmptyString: false });
  install();
  const { plugin } = (await loadModule(page.module, shared)) as { plugin: AppPlugin };
  plugin.meta = page.meta;
  plugin.init?.(page.meta);
  createRoot(document.getElementById('root')!).render(<Host plugin={plugin} />);
  window.lintelHostState = 'mounted';
};

start().catch((error: unknown) => {
  window.lintelHostState = 'failed';
  throw error;
});
