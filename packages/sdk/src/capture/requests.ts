import { observeEntries } from '../lib/observe-entries.js';
import { activity } from './activity.js';
import type { Capture } from './context.js';

const SLOW_MS = 2000;
const A_VIEW = 100;
/** Share of the quick and successful ones. */
const SAMPLE = 0.1;

interface Call {
  method: string;
  url: string;
  startedMs: number;
  kind: 'fetch' | 'xhr';
  trace: string | undefined;
  after: number | undefined;
}
type Outcome = { status: number } | { failure: 'network' | 'abort' | 'timeout' };

const hex = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

/**
 * Requests of the page: all that fail or take over two seconds, a sample of the others. A patched `fetch` watches a
 * side branch and returns the original promise: what nobody catches stays the host's unhandled rejection.
 */
export const requests: Capture = (context) => {
  const { clock, random, settings } = context;
  const { happened } = context.share(activity);
  const timings = new Map<string, PerformanceResourceTiming>();
  let view = -1;
  let told = 0;

  const report = (call: Call, outcome: Outcome): void => {
    const ms = Math.round(clock.tick() - call.startedMs);
    const status = 'status' in outcome ? outcome.status : 0;
    const bad = 'failure' in outcome || status >= 400;
    const { seq } = context.view();
    if (seq !== view) told = 0;
    view = seq;
    if (told >= A_VIEW || (!bad && ms <= SLOW_MS && random() >= SAMPLE)) return;
    told++;
    const address = call.url.replace(/[?#].*$/, '');
    // the timing comes in a task of its own, after the answer
    clock.after(
      0,
      context.guard(() => {
        const timing = timings.get(call.url);
        timings.delete(call.url);
        context.emit('request', {
          method: call.method.slice(0, 16),
          url: context.clean(address).slice(0, 1024),
          status,
          ms,
          ttfbMs: timing?.responseStart ? Math.max(0, timing.responseStart - timing.startTime) : undefined,
          bytes: timing?.transferSize || undefined,
          kind: call.kind,
          failure: 'failure' in outcome ? outcome.failure : undefined,
          trace: call.trace,
          after: call.after,
          ...(!bad && ms <= SLOW_MS && { rate: SAMPLE }),
        });
      }),
    );
  };

  const ours = (url: string): boolean => url.startsWith(settings.endpoint);
  /** What is known when a request starts; null for our own. */
  const begin = (address: string, method: string, kind: Call['kind']): Call | null => {
    const url = new URL(address, document.baseURI);
    if (ours(url.href) || !url.protocol.startsWith('http')) return null;
    happened();
    const traced = settings.traceOrigins.includes(url.origin);
    return {
      method: method.toUpperCase(),
      url: url.href,
      startedMs: clock.tick(),
      kind,
      trace: traced ? hex(random, 32) : undefined,
      after: context.cause(),
    };
  };
  const parent = (trace: string): string => `00-${trace}-${hex(random, 16)}-01`;
  const quietly = <T>(work: () => T): T | null => {
    let result: T | null = null;
    context.guard(() => void (result = work()))();
    return result;
  };

  const fetchBefore = window.fetch;
  const patchedFetch = function (this: unknown, ...args: Parameters<typeof fetch>): Promise<Response> {
    const [input] = args;
    let [, init] = args;
    const call = quietly(() => {
      const request = input instanceof Request ? input : null;
      return begin(request?.url ?? String(input), init?.method ?? request?.method ?? 'GET', 'fetch');
    });
    const trace = call?.trace;
    if (trace)
      quietly(() => {
        const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
        headers.set('traceparent', parent(trace));
        init = { ...init, headers };
      });
    const promise = fetchBefore.call(this ?? window, input, init);
    if (call)
      promise.then(
        context.guard(({ status, type }: Response) =>
          report(call, { status: type === 'opaque' ? 0 : status }),
        ),
        context.guard((reason: unknown) => {
          const name = (reason as Partial<Error> | null)?.name;
          const failure = name === 'AbortError' ? 'abort' : name === 'TimeoutError' ? 'timeout' : 'network';
          report(call, { failure });
        }),
      );
    return promise;
  };
  window.fetch = patchedFetch;

  const proto = XMLHttpRequest.prototype;
  const { open, send } = proto;
  const calls = new WeakMap<XMLHttpRequest, [method: string, url: string]>();
  const patchedOpen = function (this: XMLHttpRequest, ...args: unknown[]): void {
    calls.set(this, [String(args[0]), String(args[1])]);
    (open as (...all: unknown[]) => void).apply(this, args);
  };
  const patchedSend = function (this: XMLHttpRequest, body?: XMLHttpRequestBodyInit | Document | null): void {
    quietly(() => {
      const [method, url] = calls.get(this) ?? [];
      const call = url === undefined ? null : begin(url, method!, 'xhr');
      if (!call) return;
      if (call.trace) this.setRequestHeader('traceparent', parent(call.trace));
      const failed = (failure: 'network' | 'abort' | 'timeout') => () =>
        context.guard(report)(call, { failure });
      const once = { once: true };
      this.addEventListener('load', () => context.guard(report)(call, { status: this.status }), once);
      this.addEventListener('error', failed('network'), once);
      this.addEventListener('abort', failed('abort'), once);
      this.addEventListener('timeout', failed('timeout'), once);
    });
    send.call(this, body);
  };
  proto.open = patchedOpen as typeof proto.open;
  proto.send = patchedSend;

  const unobserve = observeEntries('resource', (entries) => {
    for (const entry of entries as PerformanceResourceTiming[]) {
      if (ours(entry.name)) continue;
      happened();
      const { initiatorType, responseStatus = 0 } = entry;
      if (initiatorType === 'fetch' || initiatorType === 'xmlhttprequest') {
        timings.set(entry.name, entry);
        if (timings.size > A_VIEW) timings.delete(timings.keys().next().value!);
      } else if (responseStatus >= 400 || entry.duration > SLOW_MS) resource(entry, responseStatus);
    }
  });
  /** Images, scripts, styles: only those that failed or dragged. */
  const resource = (entry: PerformanceResourceTiming, status: number): void => {
    if (told++ >= A_VIEW) return;
    context.emit('request', {
      method: 'GET',
      url: context.clean(entry.name.replace(/[?#].*$/, '')).slice(0, 1024),
      status,
      ms: Math.round(entry.duration),
      bytes: entry.transferSize || undefined,
      kind: 'resource',
    });
  };

  return () => {
    unobserve();
    if (window.fetch === patchedFetch) window.fetch = fetchBefore;
    if (proto.open === (patchedOpen as typeof proto.open)) proto.open = open;
    if (proto.send === patchedSend) proto.send = send;
  };
};
