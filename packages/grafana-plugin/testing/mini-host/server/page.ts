import type { PluginSettings, User } from './types.js';

/** What runs before the host: Grafana's boot data for this person. */
export const pageHtml = (
  user: User,
  plugin: { id: string; version: string; json: Record<string, unknown>; settings: PluginSettings },
  grafanaVersion: string,
): string => {
  const actions = Object.fromEntries(user.actions.map((action) => [action, true]));
  const bootData = {
    user: {
      id: 1,
      isSignedIn: true,
      login: user.login,
      name: user.login,
      orgRole: user.role,
      theme: user.theme,
      lightTheme: user.theme === 'light',
      language: user.language,
      regionalFormat: user.language,
      timezone: 'browser',
      weekStart: '',
      permissions: actions,
      analytics: { identifier: '' },
    },
    settings: {
      appSubUrl: '',
      appUrl: '/',
      buildInfo: { version: grafanaVersion, env: 'production', commit: '', edition: 'Open Source' },
      featureToggles: {},
      minRefreshInterval: '5s',
      datasources: {},
      defaultDatasource: 'lintel-clickhouse',
      panels: {},
      apps: {},
      unifiedAlerting: { minInterval: '10s' },
      namespace: 'default',
      licenseInfo: {},
      dateFormats: {
        fullDate: 'YYYY-MM-DD HH:mm:ss',
        useBrowserLocale: false,
        interval: {
          millisecond: 'HH:mm:ss.SSS',
          second: 'HH:mm:ss',
          minute: 'HH:mm',
          hour: 'MM/DD HH:mm',
          day: 'MM/DD',
          month: 'YYYY-MM',
          year: 'YYYY',
        },
        defaultTimezone: 'browser',
      },
    },
    navTree: [],
    themePaths: {},
  };
  const host = {
    module: `/public/plugins/${plugin.id}/module.js?v=${plugin.version}`,
    meta: {
      id: plugin.id,
      name: plugin.json['name'],
      type: 'app',
      enabled: true,
      pinned: true,
      module: '',
      baseUrl: `/public/plugins/${plugin.id}`,
      info: plugin.json['info'],
      includes: plugin.json['includes'],
      jsonData: plugin.settings.jsonData,
      secureJsonFields: Object.fromEntries(
        Object.keys(plugin.settings.secureJsonData).map((name) => [name, true]),
      ),
    },
    dataSources: [{ id: 1, uid: 'lintel-clickhouse', name: 'Lintel', type: 'grafana-clickhouse-datasource' }],
    language: user.language,
    timeZone: 'browser',
  };
  const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="${user.language.slice(0, 2)}"><head><meta charset="utf-8"><title>Lintel - Grafana</title><base href="/">
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="stylesheet" href="/host/host.css">
<link rel="icon" href="data:,"></head>
<body><div id="root"></div><script>window.__grafana_public_path__='/public/';window.grafanaBootData=${json(bootData)};window.lintelHost=${json(host)}</script>
<script src="/host/host.js"></script></body></html>`;
};
