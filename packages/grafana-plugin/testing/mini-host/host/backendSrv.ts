import type { BackendSrv, BackendSrvRequest, FetchError, FetchResponse } from '@grafana/runtime';
import { from, lastValueFrom, type Observable } from 'rxjs';

const addressOf = ({ url, params }: BackendSrvRequest): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {}))
    if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  const address = url.startsWith('/') ? url : `/${url}`;
  return text === '' ? address : `${address}${address.includes('?') ? '&' : '?'}${text}`;
};

const ask = async <T>(request: BackendSrvRequest): Promise<FetchResponse<T>> => {
  const response = await fetch(addressOf(request), {
    method: request.method ?? 'GET',
    headers: {
      ...(request.data === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...request.headers,
    },
    ...(request.data === undefined ? {} : { body: JSON.stringify(request.data) }),
    ...(request.abortSignal ? { signal: request.abortSignal } : {}),
  });
  const text = await response.text();
  let data: unknown = text;
  try {
    data = text === '' ? {} : JSON.parse(text);
  } catch {
    // not JSON: handed on as text, as Grafana does
  }
  const { status, statusText, ok, headers, redirected, type, url } = response;
  if (!ok) throw { status, statusText, data, config: request, isHandled: false } as FetchError;
  return { data: data as T, status, statusText, ok, headers, redirected, type, url, config: request };
};

/** The part of Grafana's `BackendSrv` that plugins use, over the browser's own fetch. */
export const backendSrv = (): BackendSrv => {
  const fetchOne = <T>(request: BackendSrvRequest): Observable<FetchResponse<T>> => from(ask<T>(request));
  const request = async <T>(options: BackendSrvRequest): Promise<T> =>
    (await lastValueFrom(fetchOne<T>(options))).data;
  return {
    fetch: fetchOne,
    request,
    datasourceRequest: (options: BackendSrvRequest) => lastValueFrom(fetchOne(options)),
    get: (url: string, params?: BackendSrvRequest['params']) =>
      request({ url, params: params ?? {}, method: 'GET' }),
    post: (url: string, data?: unknown) => request({ url, data, method: 'POST' }),
    put: (url: string, data?: unknown) => request({ url, data, method: 'PUT' }),
    patch: (url: string, data?: unknown) => request({ url, data, method: 'PATCH' }),
    delete: (url: string, data?: unknown) => request({ url, data, method: 'DELETE' }),
  } as unknown as BackendSrv;
};
