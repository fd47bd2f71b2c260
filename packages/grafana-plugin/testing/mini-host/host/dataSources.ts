import {
  PluginType,
  type DataQuery,
  type DataQueryRequest,
  type DataSourceApi,
  type DataSourceInstanceSettings,
  type DataSourceJsonData,
  type DataSourceRef,
  type MetricFindValue,
  type ScopedVars,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv, type DataSourceSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';

interface SqlQuery extends DataQuery {
  rawSql: string;
  format?: number;
}

/** Where the official data source is not installed: the runtime's real `DataSourceWithBackend`, its SQL interpolated. */
class ClickHouse extends DataSourceWithBackend<SqlQuery, DataSourceJsonData> {
  override applyTemplateVariables(query: SqlQuery, scopedVars: ScopedVars): SqlQuery {
    return { ...query, rawSql: getTemplateSrv().replace(query.rawSql, scopedVars) };
  }

  override filterQuery(query: SqlQuery): boolean {
    return query.rawSql !== '';
  }

  /** Two columns are read as (value, text), one as both: as the official data source does. */
  override async metricFindQuery(
    query: string | SqlQuery,
    options?: Pick<DataQueryRequest, 'range' | 'scopedVars'>,
  ): Promise<MetricFindValue[]> {
    const target = typeof query === 'string' ? { refId: 'variable', rawSql: query } : query;
    // what comes along holds the query once more, as a text
    const request = { ...options, targets: [target], requestId: `variable-${target.rawSql}` };
    const { data, errors } = await lastValueFrom(this.query(request as DataQueryRequest<SqlQuery>));
    if (errors?.length) throw new Error(errors[0]!.message);
    const [values, texts = values] = data[0]?.fields ?? [];
    return (values?.values ?? []).map((value: string | number, row: number) => ({
      value,
      text: String(texts!.values[row]),
    }));
  }
}

export interface HostDataSource {
  id: number;
  uid: string;
  name: string;
  type: string;
}

const settingsOf = ({ id, uid, name, type }: HostDataSource): DataSourceInstanceSettings =>
  ({
    id,
    uid,
    name,
    type,
    url: '',
    access: 'proxy',
    readOnly: true,
    jsonData: {},
    meta: {
      id: type,
      name: type,
      type: PluginType.datasource,
      module: '',
      baseUrl: '',
      info: { logos: { small: '', large: '' } },
    },
  }) as unknown as DataSourceInstanceSettings;

/** Grafana's registry of data sources, with those of the boot data. */
export const dataSourceSrv = (sources: readonly HostDataSource[]): DataSourceSrv => {
  const all = sources.map(settingsOf);
  const instances = new Map<string, DataSourceApi>();
  const settings = (
    ref?: DataSourceRef | string | null,
    scopedVars?: ScopedVars,
  ): DataSourceInstanceSettings | undefined => {
    const asked = typeof ref === 'string' ? ref : ref?.uid;
    const uid = getTemplateSrv().replace(asked ?? '', scopedVars);
    return all.find((one) => one.uid === uid || one.name === uid);
  };
  return {
    get: async (ref?: DataSourceRef | string | null, scopedVars?: ScopedVars) => {
      const found = settings(ref, scopedVars);
      if (!found) throw new Error(`Data source ${JSON.stringify(ref)} was not found`);
      const known = instances.get(found.uid) ?? (new ClickHouse(found) as unknown as DataSourceApi);
      instances.set(found.uid, known);
      return known;
    },
    getList: (filters?: { pluginId?: string }) =>
      all.filter(({ type }) => filters?.pluginId === undefined || filters.pluginId === type),
    getInstanceSettings: settings,
    reload: () => undefined,
    registerRuntimeDataSource: () => undefined,
  } as unknown as DataSourceSrv;
};
