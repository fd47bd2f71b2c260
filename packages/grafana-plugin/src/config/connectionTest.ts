import { getBackendSrv, isFetchError } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { AdminError, readAdmin, type AdminErrorCode } from '../api/adminClient';

/** Outcome of one half of the connection. */
export type Checked =
  { kind: 'ok' } | { kind: 'failed'; reason: AdminErrorCode | 'no_datasource' | 'database'; message: string };

/** The collector's admin API, through Grafana's proxy, with the saved address and token. */
export const checkCollector = async (): Promise<Checked> => {
  try {
    await readAdmin('ledger');
    return { kind: 'ok' };
  } catch (error) {
    if (error instanceof AdminError) {
      return { kind: 'failed', reason: error.code, message: error.message };
    }
    throw error;
  }
};

/** The database, by the data source's own "Save & test". */
export const checkDatabase = async (uid: string): Promise<Checked> => {
  try {
    const { data } = await lastValueFrom(
      getBackendSrv().fetch<{ status?: string; message?: string }>({
        url: `/api/datasources/uid/${encodeURIComponent(uid)}/health`,
        showErrorAlert: false,
      }),
    );
    return data.status === 'OK'
      ? { kind: 'ok' }
      : { kind: 'failed', reason: 'database', message: data.message ?? '' };
  } catch (error) {
    if (!isFetchError(error)) {
      throw error;
    }
    const message = String(error.data?.message ?? error.statusText ?? error.status);
    return { kind: 'failed', reason: error.status === 404 ? 'no_datasource' : 'database', message };
  }
};
