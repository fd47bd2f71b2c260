import { observeEntries } from '../lib/observe-entries.js';
import { activity } from './activity.js';
import { bare } from './address.js';
import type { Capture } from './context.js';
import { patch } from './patch.js';

const SLOW_MS = 2000;
const A_VIEW = 100;
/** Share of the quick and successful ones. */
const SAMPLE = 0.1;

/** W3C Trace Context: version, 32 digits of the trace, 16 of its parent, flags. */
const TRACE = '00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-01';

/** A request that is on its way. */
interface Call {
  /** Value of the `traceparent` header, for origins that want it. */
  parent: string | undefined;
  /** @param cause type of the event or name of the error, when there is no status */
  done(status: number, cause?: string): void;
}

/**
 * Requests of the page: all that fail or take over two seconds, a sample of the others. A patched `fetch` watches a
 * side branch and returns the original promise: what nobody catches stays the host's unhandled rejection.
 */
export const requests: Capture = (context) => {
  const { clock, guard, random, settings } = context;
  const effects = context.share(activity);
  const timings = new Map<string, PerformanceResourceTiming>();
  const opened = new WeakMap<XMLHttpRequest, unknown[]>();
  let view = -1;
  let told = 0;

  const tell = (
    url: string,
    timing: Partial<PerformanceResourceTiming> | undefined,
    fields: object,
  ): void => {
    const { seq } = context.view();
    const { startTime, responseStart, transferSize } = timing ?? {};
    if (seq !== view) told = 0;
    view = seq;
    if (told++ < A_VIEW)
      context.emit('request', {
        url: bare(url),
        // 0 where another origin does not allow it
        ttfbMs: Math.max(0, responseStart! - startTime!) || undefined,
        bytes: transferSize || undefined,
        ...fields,
      });
  };
  const ours = (url: string): boolean => url.startsWith(settings.endpoint);
  const happened = (): void => effects.forEach((work) => work());

  /** What is known when a request starts; nothing for our own. */
  const begin = (kind: string, address: unknown, method: unknown): Call | undefined => {
    const { href, origin } = new URL(String(address), document.baseURI);
    if (ours(href) || !href.startsWith('http')) return undefined;
    happened();
    const startedMs = clock.tick();
    const after = context.cause();
    const parent = settings.traceOrigins?.includes(origin)
      ? TRACE.replace(/x/g, () => ((random() * 16) | 0).toString(16))
      : undefined;
    return {
      parent,
      done(status, cause) {
        const ms = Math.round(clock.tick() - startedMs);
        const failure =
          status || !cause ? undefined : (/abort|timeout/.exec(cause.toLowerCase())?.[0] ?? 'network');
        const rate = failure || status >= 400 || ms > SLOW_MS ? undefined : SAMPLE;
        if (rate && random() >= rate) return;
        // the timing comes in a task of its own, after the answer
        clock.after(
          0,
          guard(() => {
            tell(href, timings.get(href), {
              method: String(method).toUpperCase().slice(0, 16),
              status,
              ms,
              kind,
              failure,
              trace: parent?.slice(3, 35),
              after,
              rate,
            });
            timings.delete(href);
          }),
        );
      },
    };
  };

  const undo = [
    observeEntries(guard, 'resource', (entries) => {
      for (const entry of entries as PerformanceResourceTiming[]) {
        const { name, initiatorType, responseStatus: status = 0, duration } = entry;
        if (ours(name)) continue;
        happened();
        if (/^(fetch|xmlhttprequest)$/.test(initiatorType)) {
          if (timings.size >= A_VIEW) timings.clear();
          timings.set(name, entry);
          // images, scripts, styles: only those that failed or dragged
        } else if (status >= 400 || duration > SLOW_MS)
          tell(name, entry, { method: 'GET', status, ms: Math.round(duration), kind: 'resource' });
      }
    }),
    patch(context, window, 'fetch', (_window, args) => {
      const [input, init] = args as Parameters<typeof fetch>;
      const request: Partial<Request> = input instanceof Request ? input : {};
      const call = begin('fetch', request.url ?? input, init?.method ?? request.method ?? 'GET');
      if (!call) return undefined;
      if (call.parent) {
        const headers = new Headers(init?.headers ?? request.headers);
        headers.set('traceparent', call.parent);
        args[1] = { ...init, headers };
      }
      return (promise: Promise<Response>) =>
        void promise.then(
          guard(({ status }) => call.done(status)),
          guard((reason?: { name?: string }) => call.done(0, String(reason?.name))),
        );
    }),
    patch(context, XMLHttpRequest.prototype, 'open', (request, args) => void opened.set(request, args)),
    patch(context, XMLHttpRequest.prototype, 'send', (request) => {
      const [method, address] = opened.get(request) ?? [];
      let call = method ? begin('xhr', address, method) : undefined;
      if (call?.parent) request.setRequestHeader('traceparent', call.parent);
      for (const type of ['load', 'error', 'abort', 'timeout'])
        request.addEventListener(
          type,
          guard(() => {
            call?.done(request.status, type);
            // the object may be used again
            call = undefined;
          }),
          { once: true },
        );
    }),
  ];

  return () => undo.forEach((stop) => stop?.());
};
