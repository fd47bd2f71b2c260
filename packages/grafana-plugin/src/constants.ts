import pluginJson from './plugin.json';

/** `plugin.json` is the only place where the id stands. */
export const PLUGIN_ID = pluginJson.id;

/** Below this address Grafana's proxy carries the routes of `plugin.json` to the collector's admin port. */
export const PROXY_URL = `/api/plugin-proxy/${PLUGIN_ID}`;

/** Official data source; dashboards and pages reach it through the variable `ds`. */
export const CLICKHOUSE_TYPE = 'grafana-clickhouse-datasource';

/** The one that provisioning makes; another can be chosen on the configuration page. */
export const DEFAULT_CLICKHOUSE_UID = 'lintel-clickhouse';

export const DAY_S = 86_400;
