import { SceneDataTransformer, SceneQueryRunner, VizPanel } from '@grafana/scenes';
import { CLICKHOUSE_TYPE } from '../constants';
import { panelParts } from '../queries/panelParts';
import type { PanelSpec } from '../queries/panelSpec';
import { target } from '../queries/target';

/** The data source that the variable `ds` names. */
export const DATASOURCE = { type: CLICKHOUSE_TYPE, uid: '${ds}' };

/** One runner for all statements of a page; equal statements are asked once. */
export const sharedQueries = (refIds: ReadonlyMap<string, string>): SceneQueryRunner =>
  new SceneQueryRunner({
    datasource: DATASOURCE,
    queries: [...refIds].map(([sql, refId]) => target(refId, sql)),
  });

/** A panel that draws its part of the page's shared data. */
export const scenePanel = (spec: PanelSpec, refIds: ReadonlyMap<string, string>): VizPanel => {
  const { options, fieldConfig, transformations } = panelParts(spec);
  return new VizPanel({
    key: spec.key,
    pluginId: spec.kind,
    title: spec.title,
    description: spec.description,
    options,
    // Grafana's FieldConfigSource is looser than what is printed: same JSON
    fieldConfig: fieldConfig as unknown as VizPanel['state']['fieldConfig'],
    $data: new SceneDataTransformer({
      transformations: [
        { id: 'filterByRefId', options: { include: refIds.get(spec.sql) } },
        ...transformations,
      ],
    }),
  });
};
