import {
  EmbeddedScene,
  SceneControlsSpacer,
  SceneFlexItem,
  SceneFlexLayout,
  SceneObjectRef,
  SceneTimeRange,
  VariableValueSelectors,
  type SceneDataProvider,
} from '@grafana/scenes';
import { AutoRefresh } from '../../components/AutoRefresh';
import { scenePanel, sharedQueries } from '../../components/scenePanel';
import { followRefresh, followSiteZone, siteVariables } from '../../components/siteVariables';
import type { PanelSpec, Translate } from '../../queries/panelSpec';
import { homePanels } from '../../queries/panels';
import { CapturedCaption } from './CapturedCaption';
import { HomeSentence } from './HomeSentence';
import { DAY_REF_IDS, NOW_REF_IDS } from './refIds';

const item = (spec: PanelSpec, refIds: ReadonlyMap<string, string>, minWidth: number) =>
  new SceneFlexItem({ minWidth, body: scenePanel(spec, refIds) });

/** What happens now, how the day goes, and whether the data is complete. */
export const buildHomeScene = (t: Translate, datasourceUid: string): EmbeddedScene => {
  const { row, now, day } = homePanels(t);
  const dayQueries = sharedQueries(DAY_REF_IDS);
  const today = new SceneFlexLayout({
    $timeRange: new SceneTimeRange({ from: 'now/d', to: 'now' }),
    $data: dayQueries,
    $behaviors: [followRefresh, followSiteZone],
    wrap: 'wrap',
    minHeight: 300,
    children: [
      item(day.funnel, DAY_REF_IDS, 320),
      item(day.inquiries, DAY_REF_IDS, 140),
      new SceneFlexLayout({
        direction: 'column',
        minWidth: 240,
        children: [
          item(day.capture, DAY_REF_IDS, 240),
          new SceneFlexItem({ ySizing: 'content', body: new CapturedCaption({}) }),
        ],
      }),
    ],
  });
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-30m', to: 'now' }),
    $variables: siteVariables(datasourceUid),
    $data: sharedQueries(NOW_REF_IDS),
    controls: [new VariableValueSelectors({}), new SceneControlsSpacer(), new AutoRefresh()],
    body: new SceneFlexLayout({
      direction: 'column',
      children: [
        new SceneFlexItem({
          ySizing: 'content',
          body: new HomeSentence({ day: new SceneObjectRef<SceneDataProvider>(dayQueries) }),
        }),
        new SceneFlexLayout({
          wrap: 'wrap',
          height: 110,
          children: row.map((spec) => item(spec, NOW_REF_IDS, 140)),
        }),
        new SceneFlexLayout({
          wrap: 'wrap',
          minHeight: 260,
          children: now.map((spec) => item(spec, NOW_REF_IDS, 320)),
        }),
        today,
      ],
    }),
  });
};
