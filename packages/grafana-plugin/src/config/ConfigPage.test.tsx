import React from 'react';
import { of, throwError } from 'rxjs';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { testIds } from '../testIds';
import ConfigPage from './ConfigPage';
import type { ConfigPageProps } from './settings';

const fetch = jest.fn();
jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  getBackendSrv: () => ({ fetch }),
}));

const show = (meta: object = {}) =>
  render(
    <ConfigPage
      {...({ plugin: { meta: { id: 'lintel-app', ...meta } }, query: {} } as unknown as ConfigPageProps)}
    />,
  );

const SAVED = { jsonData: { collectorUrl: 'http://127.0.0.1:4101' }, secureJsonFields: { adminToken: true } };

/** Answers of the collector and of the data source; everything else succeeds. */
const answer = (collector: unknown, database: unknown) =>
  fetch.mockImplementation(({ url }: { url: string }) => {
    const one = url.includes('plugin-proxy') ? collector : url.includes('/health') ? database : { data: {} };
    return 'status' in (one as object) ? throwError(() => one) : of(one);
  });

describe('connection', () => {
  beforeEach(() => fetch.mockReset());

  it('cannot be saved without an address and a token', () => {
    show();
    expect(screen.getByTestId(testIds.config.save)).toBeDisabled();
    fireEvent.change(screen.getByTestId(testIds.config.collectorUrl), {
      target: { value: 'collector:4101' },
    });
    expect(screen.getByText('Must start with http:// or https://')).toBeInTheDocument();
    fireEvent.change(screen.getByTestId(testIds.config.token), { target: { value: 'lt_x' } });
    expect(screen.getByTestId(testIds.config.save)).toBeDisabled();
  });

  it('is saved without slashes at the end, the token only as a secret, and tested', async () => {
    answer({ data: { ledger: [] } }, { data: { status: 'OK' } });
    show();
    fireEvent.change(screen.getByTestId(testIds.config.collectorUrl), {
      target: { value: 'http://c:4101//' },
    });
    fireEvent.change(screen.getByTestId(testIds.config.token), { target: { value: 'lt_secret' } });
    fireEvent.click(screen.getByTestId(testIds.config.save));
    await waitFor(() => expect(screen.getByText('Collector: works')).toBeInTheDocument());
    expect(fetch.mock.calls[0]![0]).toMatchObject({
      url: '/api/plugins/lintel-app/settings',
      data: {
        jsonData: { collectorUrl: 'http://c:4101', datasourceUid: 'lintel-clickhouse' },
        secureJsonData: { adminToken: 'lt_secret' },
      },
    });
  });

  it.each([
    [{ status: 502, data: {} }, "Grafana's server does not reach the collector"],
    [{ status: 401, data: { detail: 'expired' } }, 'The collector refuses the token'],
    [{ status: 403, data: {} }, 'The token may not read the ledger'],
    [{ status: 404, data: {} }, 'not the admin port of a collector'],
  ])('names what failed: %j', async (failure, words) => {
    answer(failure, { status: 404, data: { message: 'Data source not found' } });
    show(SAVED);
    fireEvent.click(screen.getByTestId(testIds.config.test));
    await waitFor(() => expect(screen.getByTestId(testIds.config.results)).toHaveTextContent(words));
    expect(screen.getByTestId(testIds.config.results)).toHaveTextContent(
      'There is no data source with this uid',
    );
  });
});
