import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { variable, view } from '../../src/queries/view.js';
import { DATASOURCE } from './clickHouseQuery.js';

/** `ds`, `site` and hidden `tz`: the variables that pages have, too, under the same names. */
export const siteVariables = () => [
  new DatasourceVariableBuilder('ds')
    .label('Data source')
    .type(DATASOURCE.type)
    .hide(VariableHide.HideVariable)
    .current({ text: 'Lintel', value: 'lintel-clickhouse' }),
  new QueryVariableBuilder('site')
    .label('Site')
    .datasource(DATASOURCE)
    .query(view('sites', {}))
    .refresh(VariableRefresh.OnDashboardLoad),
  new QueryVariableBuilder('tz')
    .datasource(DATASOURCE)
    .query(view('site_time_zone', { site: variable('site') }))
    .hide(VariableHide.HideVariable)
    .refresh(VariableRefresh.OnDashboardLoad),
];
