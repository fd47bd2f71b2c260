import React from 'react';
import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Alert, LinkButton } from '@grafana/ui';
import { CONFIG_PATH } from '../paths';

/** Nothing can be drawn without the database: say which one is meant and where it is chosen. */
export const MissingDatasource = ({ uid }: { uid: string }) => (
  <PluginPage>
    <Alert
      severity="warning"
      title={t('app.noDatasource', 'Grafana has no data source with the uid {{uid}}', {
        uid,
        // React escapes what it draws; i18next would do it once more
        interpolation: { escapeValue: false },
      })}
    >
      <LinkButton variant="secondary" href={CONFIG_PATH}>
        {t('app.openSettings', 'Choose the data source')}
      </LinkButton>
    </Alert>
  </PluginPage>
);
