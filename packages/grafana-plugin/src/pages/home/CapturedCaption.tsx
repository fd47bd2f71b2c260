import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { config } from '@grafana/runtime';
import {
  sceneGraph,
  SceneObjectBase,
  type SceneComponentProps,
  type SceneObjectState,
} from '@grafana/scenes';
import { useStyles2 } from '@grafana/ui';

import { testIds } from '../../testIds';
import { dayFacts } from './homeFacts';

const Caption = ({ model }: SceneComponentProps<CapturedCaption>) => {
  const styles = useStyles2(getStyles);
  const { data } = sceneGraph.getData(model).useState();
  const { stored, generated } = dayFacts(data?.series ?? []);
  const format = (value: number) => value.toLocaleString(config.bootData.user.language);
  return (
    <p className={styles.caption} data-testid={testIds.home.captured}>
      {generated > 0
        ? t('home.captured', '{{stored}} of {{generated}} generated', {
            stored: format(stored),
            generated: format(generated),
          })
        : ' '}
    </p>
  );
};

/** Under the gauge: a rate without its n says nothing. */
export class CapturedCaption extends SceneObjectBase<SceneObjectState> {
  static Component = Caption;
}

const getStyles = (theme: GrafanaTheme2) => ({
  caption: css({
    margin: 0,
    textAlign: 'center',
    color: theme.colors.text.secondary,
    minHeight: theme.spacing(2.5),
  }),
});
