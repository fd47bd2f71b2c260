import React, { useEffect } from 'react';
import { rangeUtil } from '@grafana/data';
import { t } from '@grafana/i18n';
import { config } from '@grafana/runtime';
import {
  sceneGraph,
  SceneObjectBase,
  type SceneComponentProps,
  type SceneObjectState,
} from '@grafana/scenes';
import { Button } from '@grafana/ui';

const EVERY_MS = 5000;

interface State extends SceneObjectState {
  paused: boolean;
}

/** Five seconds, or what the administrator of this Grafana allows at least. */
export const refreshEveryMs = (smallest: string | undefined): number =>
  Math.max(EVERY_MS, smallest ? rangeUtil.intervalToMs(smallest) : 0);

const Control = ({ model }: SceneComponentProps<AutoRefresh>) => {
  const { paused } = model.useState();
  useEffect(() => {
    if (paused) {
      return;
    }
    const timer = setInterval(() => {
      // nobody looks at a page in the background
      if (!document.hidden) {
        sceneGraph.getTimeRange(model).onRefresh();
      }
    }, refreshEveryMs(config.minRefreshInterval));
    return () => clearInterval(timer);
  }, [model, paused]);
  return (
    <Button
      variant="secondary"
      icon={paused ? 'play' : 'pause'}
      onClick={() => {
        model.setState({ paused: !paused });
        if (paused) {
          sceneGraph.getTimeRange(model).onRefresh();
        }
      }}
    >
      {paused ? t('refresh.resume', 'Resume') : t('refresh.pause', 'Pause')}
    </Button>
  );
};

/** Asks again every few seconds until somebody wants to read in peace. */
export class AutoRefresh extends SceneObjectBase<State> {
  static Component = Control;

  constructor() {
    super({ paused: false });
  }
}
