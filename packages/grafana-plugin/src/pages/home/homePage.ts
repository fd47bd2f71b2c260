import { SceneAppPage } from '@grafana/scenes';
import { PAGES, pagePath } from '../../paths';
import type { Translate } from '../../queries/panelSpec';
import { buildHomeScene } from './buildHomeScene';

export const homePage = (t: Translate, datasourceUid: string): SceneAppPage =>
  new SceneAppPage({
    title: t('home.title', 'Home'),
    subTitle: t('home.subtitle', 'What happens now, and may the numbers be believed?'),
    url: pagePath('home'),
    routePath: PAGES.home,
    getScene: () => buildHomeScene(t, datasourceUid),
  });
