import type { AppPluginMeta, PluginConfigPageProps } from '@grafana/data';
import { DEFAULT_CLICKHOUSE_UID } from '../constants';

/** `jsonData` of the app: what Grafana keeps readable. The token is in `secureJsonData` and never comes back. */
export interface Settings {
  /** Admin port of the collector as Grafana's server reaches it, e.g. `http://127.0.0.1:4101`. */
  collectorUrl?: string;
  datasourceUid?: string;
}

export interface Secrets {
  /** Token of kind `grafana`. */
  adminToken?: string;
}

export type ConfigPageProps = PluginConfigPageProps<AppPluginMeta<Settings>>;

export const datasourceUid = (settings: Settings | undefined): string =>
  settings?.datasourceUid || DEFAULT_CLICKHOUSE_UID;
