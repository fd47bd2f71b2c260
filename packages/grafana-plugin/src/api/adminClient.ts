import { getBackendSrv, isFetchError } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { PROXY_URL } from '../constants';

/** `unreachable`: Grafana's server does not reach the collector · `token`: the collector refuses the token. */
export type AdminErrorCode = 'unreachable' | 'token' | 'forbidden' | 'not_found' | 'refused';

export class AdminError extends Error {
  constructor(
    readonly code: AdminErrorCode,
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'AdminError';
  }
}

const CODES: Readonly<Record<number, AdminErrorCode>> = {
  401: 'token',
  403: 'forbidden',
  404: 'not_found',
  502: 'unreachable',
  504: 'unreachable',
};

const detailOf = (data: unknown): string | undefined => {
  const problem = data as { detail?: unknown; message?: unknown } | null | undefined;
  const text = problem?.detail ?? problem?.message;
  return typeof text === 'string' ? text : undefined;
};

export type Parameters = Readonly<Record<string, string | number | undefined>>;

/**
 * Reads a route of the collector's admin API through Grafana's proxy.
 * @param path one of `routes.ts`, without a slash in front, e.g. `analytics/overview`
 * @throws {AdminError}
 */
export const readAdmin = async <T>(
  path: string,
  parameters: Parameters = {},
  abort?: AbortSignal,
): Promise<T> => {
  try {
    const { data } = await lastValueFrom(
      getBackendSrv().fetch<T>({
        url: `${PROXY_URL}/${path}`,
        params: { ...parameters },
        showErrorAlert: false,
        ...(abort ? { abortSignal: abort } : {}),
      }),
    );
    return data;
  } catch (error) {
    if (!isFetchError(error)) {
      throw error;
    }
    throw new AdminError(
      CODES[error.status] ?? (error.status >= 500 ? 'unreachable' : 'refused'),
      error.status,
      detailOf(error.data) ?? error.statusText ?? String(error.status),
    );
  }
};
