import { PanelBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { panelParts } from '../../src/queries/panelParts.js';
import type { PanelSpec } from '../../src/queries/panelSpec.js';
import { ClickHouseQuery, DATASOURCE } from './clickHouseQuery.js';

export interface Place {
  /** Fixed: alert rules and links name it. */
  id: number;
  /** 24 columns; a row is about 30 pixels. */
  x: number;
  y: number;
  w: number;
  h: number;
  /** A range of its own, e.g. `now/d` for today. */
  timeFrom?: string;
}

/** The same specification that a page draws, as a panel of a dashboard. The SDK gives no ids: they are set here. */
export const panel = (spec: PanelSpec, { id, x, y, w, h, timeFrom }: Place): PanelBuilder => {
  const { options, fieldConfig, transformations } = panelParts(spec);
  const builder = new PanelBuilder()
    .type(spec.kind)
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .gridPos({ x, y, w, h })
    .withTarget(new ClickHouseQuery('A', spec.sql))
    .transformations(transformations)
    .options(options)
    // the SDK's enums are these texts
    .fieldConfig(fieldConfig as unknown as Parameters<PanelBuilder['fieldConfig']>[0]);
  return timeFrom === undefined ? builder : builder.timeFrom(timeFrom);
};
