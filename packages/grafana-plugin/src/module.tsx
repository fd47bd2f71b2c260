import React from 'react';
import { AppPlugin, type AppRootProps } from '@grafana/data';
import { ErrorBoundary } from './app/ErrorBoundary';
import { guardedLazy } from './app/guardedLazy';
import type { ConfigPageProps } from './config/settings';

// This file is on the path of every page of the plugin: nothing but lazy doors, no Scenes, no top-level await (one
// failed chunk behind it kills the whole plugin).
const LazyApp = guardedLazy(() => import('./app/App'));
const LazyConfigPage = guardedLazy(() => import('./config/ConfigPage'));

const App = (props: AppRootProps) => (
  <ErrorBoundary>
    <LazyApp {...props} />
  </ErrorBoundary>
);

const ConfigPage = (props: ConfigPageProps) => (
  <ErrorBoundary>
    <LazyConfigPage {...props} />
  </ErrorBoundary>
);

export const plugin = new AppPlugin().setRootPage(App).addConfigPage({
  title: 'Connection',
  icon: 'cog',
  body: ConfigPage,
  id: 'connection',
});
