import {
  LoadingState,
  toDataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type PanelData,
} from '@grafana/data';
import { toDataQueryError } from '@grafana/runtime';
import { catchError, from, isObservable, map, of, startWith, type Observable } from 'rxjs';

const panelData = (request: DataQueryRequest, { data, error, errors = [] }: DataQueryResponse): PanelData => {
  const failures = errors.length > 0 || !error ? errors : [error];
  return {
    state: failures.length > 0 ? LoadingState.Error : LoadingState.Done,
    series: data.map((frame) => toDataFrame(frame)),
    annotations: [],
    timeRange: request.range,
    request: { ...request, endTime: Date.now() },
    ...(failures.length > 0 ? { errors: failures, error: failures[0]! } : {}),
  };
};

/** Grafana's `runRequest`, as far as a query that answers once needs it. */
export const runRequest = (source: DataSourceApi, request: DataQueryRequest): Observable<PanelData> => {
  const answer = source.query(request);
  const all: Observable<DataQueryResponse> = isObservable(answer) ? answer : from(answer);
  return all.pipe(
    map((response) => panelData(request, response)),
    catchError((failure: unknown) =>
      of(panelData(request, { data: [], errors: [toDataQueryError(failure as Error)] })),
    ),
    startWith({
      state: LoadingState.Loading,
      series: [],
      annotations: [],
      timeRange: request.range,
      request,
    } as PanelData),
  );
};
