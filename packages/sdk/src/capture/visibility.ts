import type { Capture } from './context.js';
import { viewOf } from './view.js';

const RATIO = 0.5;
const SEEN_MS = 1000;
const ATTRIBUTE = 'data-lintel-see';

interface Watched {
  name: string;
  startedMs: number;
  /** The largest so far; 0 while it is not in view. */
  ratio: number;
}

/** Elements that were at least half in view for at least a second: told when they leave it, or when the view ends. */
export const visibility: Capture = (context) => {
  const { clock } = context;
  const watched = new Map<Element, Watched>();
  let scanning = false;

  const leave = (one: Watched): void => {
    const { name, ratio, startedMs } = one;
    const ms = Math.round(clock.tick() - startedMs);
    if (ratio && ms >= SEEN_MS) context.emit('visibility', { name, ms, ratio, view: viewOf(context) });
    one.ratio = 0;
  };
  const observer = new IntersectionObserver(
    context.guard((entries: IntersectionObserverEntry[]) => {
      for (const { target, intersectionRatio } of entries) {
        const one = watched.get(target);
        if (!one) continue;
        if (intersectionRatio < RATIO) leave(one);
        else {
          if (!one.ratio) one.startedMs = clock.tick();
          one.ratio = Math.max(one.ratio, Math.round(intersectionRatio * 100) / 100);
        }
      }
    }),
    { threshold: [0, RATIO, 0.75, 1] },
  );
  const observe = (element: Element, name: string): (() => void) => {
    const one = { name, startedMs: 0, ratio: 0 };
    watched.set(element, one);
    observer.observe(element);
    return () => {
      observer.unobserve(element);
      watched.delete(element);
      leave(one);
    };
  };
  /** Marked elements of this view; those that left the document are let go. */
  const scan = (): void => {
    scanning = false;
    for (const element of watched.keys()) if (!element.isConnected) watched.delete(element);
    for (const element of document.querySelectorAll(`[${ATTRIBUTE}]`))
      if (!watched.has(element))
        observe(element, element.getAttribute(ATTRIBUTE) || element.id || element.localName);
  };
  const scanSoon = (): void => {
    // a page that draws itself changes many times before it rests
    if (!scanning) context.whenIdle(scan);
    scanning = true;
  };

  const mutations = new MutationObserver(context.guard(scanSoon));
  mutations.observe(document, { subtree: true, childList: true });
  scanSoon();
  context.offer('observe', observe);
  context.leaving(() => {
    for (const [element, one] of watched) {
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
