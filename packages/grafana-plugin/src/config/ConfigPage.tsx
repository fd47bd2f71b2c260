import React, { useState, type FormEvent } from 'react';
import { t } from '@grafana/i18n';
import { Button, Field, FieldSet, Input, SecretInput, Stack } from '@grafana/ui';
import { testIds } from '../testIds';
import { checkCollector, checkDatabase, type Checked } from './connectionTest';
import { ConnectionResults } from './ConnectionResults';
import { saveSettings } from './saveSettings';
import { datasourceUid, type ConfigPageProps } from './settings';

const isHttp = (text: string): boolean => {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
};

/** Where the collector is, which token Grafana's server shows it, which data source reads the database. */
const ConfigPage = ({ plugin: { meta } }: ConfigPageProps) => {
  const [collectorUrl, setCollectorUrl] = useState(meta.jsonData?.collectorUrl ?? '');
  const [uid, setUid] = useState(datasourceUid(meta.jsonData));
  const [token, setToken] = useState('');
  const [tokenKept, setTokenKept] = useState(meta.secureJsonFields?.adminToken === true);
  const [busy, setBusy] = useState(false);
  const [results, setResults] = useState<{ collector: Checked; database: Checked } | null>(null);
  const badUrl = collectorUrl !== '' && !isHttp(collectorUrl);
  const complete = isHttp(collectorUrl) && uid !== '' && (tokenKept || token !== '');

  const test = async () => {
    setBusy(true);
    try {
      const [collector, database] = await Promise.all([checkCollector(), checkDatabase(uid)]);
      setResults({ collector, database });
    } finally {
      setBusy(false);
    }
  };

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await saveSettings(
        meta,
        // the paths of the routes begin with a slash
        { collectorUrl: collectorUrl.replace(/\/+$/, ''), datasourceUid: uid },
        token === '' ? {} : { adminToken: token },
      );
      setTokenKept(true);
      setToken('');
    } finally {
      setBusy(false);
    }
    await test();
  };

  return (
    <form onSubmit={save}>
      <FieldSet label={t('config.title', 'Connection')}>
        <Field
          label={t('config.url', 'Address of the collector')}
          description={t('config.urlHelp', "Its admin port, as Grafana's server reaches it")}
          invalid={badUrl}
          error={t('config.urlBad', 'Must start with http:// or https://')}
        >
          <Input
            id="lintel-collector-url"
            width={60}
            value={collectorUrl}
            placeholder="http://127.0.0.1:4101"
            data-testid={testIds.config.collectorUrl}
            onChange={(event) => setCollectorUrl(event.currentTarget.value.trim())}
          />
        </Field>
        <Field
          label={t('config.token', 'Token')}
          description={t(
            'config.tokenHelp',
            'Made with: npx lintel token create --role analyst --kind grafana. It is kept encrypted and never shown again.',
          )}
        >
          <SecretInput
            id="lintel-token"
            width={60}
            value={token}
            isConfigured={tokenKept}
            data-testid={testIds.config.token}
            onChange={(event) => setToken(event.currentTarget.value.trim())}
            onReset={() => setTokenKept(false)}
          />
        </Field>
        <Field
          label={t('config.datasource', 'Data source')}
          description={t(
            'config.datasourceHelp',
            'Uid of the ClickHouse data source that signs in as lintel_reader',
          )}
        >
          <Input
            id="lintel-datasource"
            width={60}
            value={uid}
            onChange={(event) => setUid(event.currentTarget.value.trim())}
          />
        </Field>
        <Stack gap={1}>
          <Button type="submit" disabled={busy || !complete} data-testid={testIds.config.save}>
            {t('config.save', 'Save and test')}
          </Button>
          <Button
            type="button"
            variant="secondary"
            disabled={busy}
            data-testid={testIds.config.test}
            onClick={() => void test()}
          >
            {t('config.test', 'Test the saved connection')}
          </Button>
        </Stack>
      </FieldSet>
      {results && <ConnectionResults {...results} />}
    </form>
  );
};

export default ConfigPage;
