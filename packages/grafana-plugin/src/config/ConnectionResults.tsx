import React from 'react';
import { t } from '@grafana/i18n';
import { Alert } from '@grafana/ui';
import { testIds } from '../testIds';
import type { Checked } from './connectionTest';

/** What to do about each failure. */
const advice = (reason: Extract<Checked, { kind: 'failed' }>['reason']): string => {
  switch (reason) {
    case 'unreachable':
      return t(
        'config.unreachable',
        "Grafana's server does not reach the collector: check the address and that it runs.",
      );
    case 'token':
      return t('config.badToken', 'The collector refuses the token: it is wrong, expired or revoked.');
    case 'forbidden':
      return t('config.forbidden', 'The token may not read the ledger: it needs the role analyst or admin.');
    case 'not_found':
      return t('config.notFound', 'Something answers there, but it is not the admin port of a collector.');
    case 'no_datasource':
      return t('config.noDatasource', 'There is no data source with this uid.');
    case 'database':
      return t('config.badDatabase', 'The data source does not reach the database.');
    case 'refused':
      return t('config.refused', 'The collector refused the request.');
  }
};

const Result = ({ name, checked }: { name: string; checked: Checked }) =>
  checked.kind === 'ok' ? (
    <Alert severity="success" title={`${name}: ${t('config.works', 'works')}`} />
  ) : (
    <Alert severity="error" title={`${name}: ${advice(checked.reason)}`}>
      {checked.message}
    </Alert>
  );

export const ConnectionResults = ({ collector, database }: { collector: Checked; database: Checked }) => (
  <div data-testid={testIds.config.results}>
    <Result name={t('config.collector', 'Collector')} checked={collector} />
    <Result name={t('config.database', 'Database')} checked={database} />
  </div>
);
