import type { Capture } from './context.js';

const RATIO = 0.5;
const SEEN_MS = 1000;
const ATTRIBUTE = 'data-lintel-see';

interface Watched {
  name: string;
  sinceMs: number | null;
  ratio: number;
}

/** Elements that were at least half in view for at least a second: told when they leave it, or when the view ends. */
export const visibility: Capture = (context) => {
  const { clock } = context;
  const watched = new Map<Element, Watched>();

  const leave = (one: Watched): void => {
    if (one.sinceMs === null) return;
    const ms = Math.round(clock.tick() - one.sinceMs);
    const { seq } = context.view();
    if (ms >= SEEN_MS)
      context.emit('visibility', { name: one.name, ms, ratio: one.ratio, view: seq < 0 ? undefined : seq });
    one.sinceMs = null;
    one.ratio = 0;
  };
  const observer = new IntersectionObserver(
    context.guard((entries: IntersectionObserverEntry[]) => {
      for (const { target, intersectionRatio } of entries) {
        const one = watched.get(target);
        if (!one) continue;
        if (intersectionRatio < RATIO) leave(one);
        else {
          one.sinceMs ??= clock.tick();
          one.ratio = Math.max(one.ratio, Math.round(intersectionRatio * 100) / 100);
        }
      }
    }),
    { threshold: [0, RATIO, 0.75, 1] },
  );
  const observe = (element: Element, name: string): (() => void) => {
    watched.set(element, { name: name.slice(0, 256), sinceMs: null, ratio: 0 });
    observer.observe(element);
    return () => {
      const one = watched.get(element);
      observer.unobserve(element);
      watched.delete(element);
      if (one) leave(one);
    };
  };
  /** Marked elements of this view; those that left the document are let go. */
  const scan = (): void => {
    for (const element of watched.keys()) if (!element.isConnected) watched.delete(element);
    for (const element of document.querySelectorAll(`[${ATTRIBUTE}]`))
      if (!watched.has(element))
        observe(element, element.getAttribute(ATTRIBUTE) || element.id || element.localName);
  };
  const scanSoon = (): void => context.whenIdle(scan);

  const mutations = new MutationObserver(context.guard(scanSoon));
  mutations.observe(document, { subtree: true, childList: true });
  scanSoon();
  context.offer('observe', observe);
  context.leaving(() => {
    const again = [...watched].filter(([, { sinceMs }]) => sinceMs !== null);
    for (const [element, one] of again) {
      leave(one);
      // still in view when the page comes back
      observer.unobserve(element);
      observer.observe(element);
    }
  });
  return () => {
    observer.disconnect();
    mutations.disconnect();
  };
};
