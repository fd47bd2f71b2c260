import React from 'react';
import type { AppRootProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { config } from '@grafana/runtime';
import { loadResources, SceneApp, useSceneApp } from '@grafana/scenes';
import { datasourceUid, type Settings } from '../config/settings';
import { homePage } from '../pages/home/homePage';
import { MissingDatasource } from './MissingDatasource';

/** Scenes brings the texts of its own controls. */
export const texts = [loadResources];

const App = ({ meta }: AppRootProps<Settings>) => {
  const uid = datasourceUid(meta.jsonData);
  // outside of useSceneApp the state in the address would be lost
  const app = useSceneApp(
    () =>
      new SceneApp({
        pages: [homePage(t, uid)],
        urlSyncOptions: { updateUrlOnInit: true, createBrowserHistorySteps: true },
      }),
  );
  const known = Object.values(config.datasources).some((one) => one.uid === uid);
  return known ? <app.Component model={app} /> : <MissingDatasource uid={uid} />;
};

export default App;
