import React from 'react';
import { css } from '@emotion/css';
import { LoadingState, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import {
  sceneGraph,
  SceneObjectBase,
  type SceneComponentProps,
  type SceneDataProvider,
  type SceneObjectRef,
  type SceneObjectState,
} from '@grafana/scenes';
import { useStyles2 } from '@grafana/ui';
import { testIds } from '../../testIds';
import { dayFacts, nowFacts } from './homeFacts';
import { sentenceOf } from './sentence';

interface State extends SceneObjectState {
  /** Queries of the day so far; what happens now is the page's own data. */
  day: SceneObjectRef<SceneDataProvider>;
}

const Sentence = ({ model }: SceneComponentProps<HomeSentence>) => {
  const styles = useStyles2(getStyles);
  const { data: now } = sceneGraph.getData(model).useState();
  const { data: day } = model.state.day.resolve().useState();
  const failed = now?.state === LoadingState.Error || day?.state === LoadingState.Error;
  if (failed) {
    return (
      <p className={styles.warning} role="alert" data-testid={testIds.home.sentence}>
        {t('home.failed', 'The numbers cannot be read at the moment; the panels say why.')}
      </p>
    );
  }
  if (!now?.series.length || !day?.series.length) {
    return <p className={styles.text} />;
  }
  const { text, warns } = sentenceOf(nowFacts(now.series), dayFacts(day.series), t);
  return (
    <p
      className={warns ? styles.warning : styles.text}
      role={warns ? 'alert' : undefined}
      data-testid={testIds.home.sentence}
    >
      {text}
    </p>
  );
};

/** The page's first line: does anybody need to act? */
export class HomeSentence extends SceneObjectBase<State> {
  static Component = Sentence;
}

const getStyles = (theme: GrafanaTheme2) => {
  const text = { margin: 0, fontSize: theme.typography.h4.fontSize, minHeight: theme.spacing(3) };
  return {
    text: css({ ...text, color: theme.colors.text.primary }),
    warning: css({
      ...text,
      color: theme.colors.warning.text,
      fontWeight: theme.typography.fontWeightMedium,
    }),
  };
};
