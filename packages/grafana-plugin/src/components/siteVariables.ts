import { VariableHide } from '@grafana/schema';
import {
  DataSourceVariable,
  QueryVariable,
  sceneGraph,
  SceneTimeRange,
  SceneVariableSet,
  type SceneObject,
} from '@grafana/scenes';
import { t } from '@grafana/i18n';
import { RefreshEvent } from '@grafana/runtime';
import { CLICKHOUSE_TYPE } from '../constants';
import { variable, view } from '../queries/view';
import { DATASOURCE } from './scenePanel';

export const SITES_SQL = view('sites', {});
export const ZONE_SQL = view('site_time_zone', { site: variable('site') });

/** `ds`, `site` and hidden `tz`: what every page and every dashboard knows. */
export const siteVariables = (datasourceUid: string): SceneVariableSet =>
  new SceneVariableSet({
    variables: [
      new DataSourceVariable({
        name: 'ds',
        label: t('variables.datasource', 'Data source'),
        pluginId: CLICKHOUSE_TYPE,
        value: datasourceUid,
        hide: VariableHide.hideVariable,
      }),
      new QueryVariable({
        name: 'site',
        label: t('variables.site', 'Site'),
        datasource: DATASOURCE,
        query: SITES_SQL,
      }),
      new QueryVariable({
        name: 'tz',
        datasource: DATASOURCE,
        query: ZONE_SQL,
        hide: VariableHide.hideVariable,
      }),
    ],
  });

/** A day begins at midnight in the zone of the site, wherever the reader sits. */
export const followSiteZone = (scene: SceneObject) => {
  const zone = sceneGraph.lookupVariable('tz', scene);
  const range = sceneGraph.getTimeRange(scene);
  if (!zone || !(range instanceof SceneTimeRange)) {
    return;
  }
  const apply = () => {
    const timeZone = zone.getValue();
    if (typeof timeZone === 'string' && timeZone !== '' && timeZone !== range.state.timeZone) {
      range.onTimeZoneChange(timeZone);
    }
  };
  apply();
  const subscription = zone.subscribeToState(apply);
  return () => subscription.unsubscribe();
};

/** A part of a page with a time range of its own is asked again whenever the page is. */
export const followRefresh = (part: SceneObject) => {
  const own = part.state.$timeRange;
  const page = part.parent && sceneGraph.getTimeRange(part.parent);
  if (!own || !page) {
    return;
  }
  const subscription = page.subscribeToEvent(RefreshEvent, () => own.onRefresh());
  return () => subscription.unsubscribe();
};
