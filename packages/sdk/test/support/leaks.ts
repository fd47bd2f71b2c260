/**
 * Runs in a page before anything else: keeps books of all that a script can leave running. Listeners count on what lives
 * as long as the page; on requests, signals and elements that are let go they go with them.
 */
export const WATCH = `(() => {
  const live = new Map();
  const add = (key) => live.set(key, (live.get(key) ?? 0) + 1);
  const drop = (key) => live.set(key, live.get(key) - 1);
  const longLived = () => [window, document, history, performance, navigator.serviceWorker, window.navigation,
    document.documentElement, document.body, screen];
  const listeners = new Map();
  const { addEventListener: on, removeEventListener: off } = EventTarget.prototype;
  const idOf = (listener) => {
    if (!listeners.has(listener)) listeners.set(listener, listeners.size);
    return listeners.get(listener);
  };
  const known = new Set();
  const name = (target, type, listener, options) =>
    [target.constructor.name, type, idOf(listener), Boolean(options === true || options?.capture)].join();
  const forget = (key, type) => known.delete(key) && drop('listener ' + type);
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? window;
    if (listener && longLived().includes(target) && !options?.signal?.aborted) {
      const key = name(target, type, listener, options);
      if (!known.has(key)) {
        known.add(key);
        add('listener ' + type);
        if (options?.signal) on.call(options.signal, 'abort', () => forget(key, type));
        if (options?.once) on.call(target, type, () => forget(key, type), { once: true });
      }
    }
    return on.call(target, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    const target = this ?? window;
    if (listener) forget(name(target, type, listener, options), type);
    return off.call(target, type, listener, options);
  };
  for (const kind of ['MutationObserver', 'ResizeObserver', 'IntersectionObserver', 'PerformanceObserver']) {
    const { observe, disconnect } = window[kind].prototype;
    const observing = new Set();
    window[kind].prototype.observe = function (...args) {
      if (!observing.has(this)) observing.add(this) && add(kind);
      return observe.apply(this, args);
    };
    window[kind].prototype.disconnect = function () {
      if (observing.delete(this)) drop(kind);
      return disconnect.call(this);
    };
  }
  const timer = (start, stop, again) => {
    const running = new Set();
    const [begin, end] = [window[start], window[stop]];
    window[start] = (work, ...rest) => {
      const id = begin((...args) => {
        if (!again && running.delete(id)) drop(start);
        return typeof work === 'function' ? work(...args) : undefined;
      }, ...rest);
      running.add(id);
      add(start);
      return id;
    };
    window[stop] = (id) => {
      if (running.delete(id)) drop(start);
      return end(id);
    };
  };
  timer('setTimeout', 'clearTimeout');
  timer('setInterval', 'clearInterval', true);
  timer('requestAnimationFrame', 'cancelAnimationFrame');
  timer('requestIdleCallback', 'cancelIdleCallback');
  const { close } = BroadcastChannel.prototype;
  const Channel = BroadcastChannel;
  window.BroadcastChannel = class extends Channel {
    constructor(...args) { super(...args); add('BroadcastChannel'); }
    close() { drop('BroadcastChannel'); return close.call(this); }
  };
  const patchable = { fetch: [window, 'fetch'], open: [XMLHttpRequest.prototype, 'open'], send: [XMLHttpRequest.prototype, 'send'],
    pushState: [history, 'pushState'], replaceState: [history, 'replaceState'], error: [console, 'error'] };
  const originals = Object.fromEntries(Object.entries(patchable).map(([name, [host, key]]) => [name, host[key]]));
  window.leaks = () => ({
    running: [...live].filter(([, count]) => count > 0).sort(([p], [q]) => (p < q ? -1 : 1)),
    patched: Object.entries(patchable).filter(([name, [host, key]]) => host[key] !== originals[name]).map(([name]) => name),
  });
  // a look of ours is no timer of theirs
  const later = setTimeout;
  window.rest = (ms) => new Promise((resolve) => later(resolve, ms));
})()`.replace(
  'const later = setTimeout;',
  // taken before the books begin
  'const later = window.nativeTimeout;',
);

/** To be evaluated first: the timer that the books do not see. */
export const BEFORE = 'window.nativeTimeout = window.setTimeout;';
