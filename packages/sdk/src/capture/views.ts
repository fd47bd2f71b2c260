import { navigationEntry } from '../lib/navigation-entry.js';
import type { CaptureContext } from './context.js';

interface NavigationLike extends EventTarget {
  currentEntry: unknown;
}
type Prerendering = Document & { prerendering?: boolean; wasDiscarded?: boolean };

/** The first view, when the stub of the script tag numbered it already. */
export interface Adopted {
  at: number;
  fields: object;
}

const BLOCKED = 5;

/** How the installed app or the browser shows the page. */
const display = (): string =>
  ['fullscreen', 'standalone', 'minimal-ui'].find((mode) => matchMedia(`(display-mode: ${mode})`).matches) ??
  'browser';

const loadFields = (): { nav: string; blocked?: string[] } => {
  const entry = navigationEntry();
  const reasons = entry?.notRestoredReasons?.reasons
    ?.map(({ reason }) => reason.slice(0, 128))
    .slice(0, BLOCKED);
  return {
    nav: (document as Prerendering).wasDiscarded
      ? 'restore'
      : entry?.type === 'reload' || entry?.type === 'back_forward'
        ? entry.type
        : 'load',
    ...(reasons?.length && { blocked: reasons }),
  };
};

/**
 * Page views: the first visible moment of the document, then each change of the path (and of the hash, if it counts).
 * Query churn is no view.
 */
export const views = (context: CaptureContext, adopted?: Adopted): (() => void) => {
  const { hash } = context.settings;
  let shown = '';
  let stopped = false;
  const address = (): [path: string, hash: string] => [location.pathname, hash ? location.hash : ''];
  const enter = (nav: string, fields?: object, options?: { at: number; free: boolean }): void => {
    shown = address().join('');
    context.enter(
      nav,
      { display: display(), automated: navigator.webdriver || undefined, ...fields },
      options,
    );
  };

  const changed = context.guard(() => {
    if (!shown || stopped) return;
    const [path, fragment] = address();
    if (path + fragment !== shown) enter(hash && shown.split('#')[0] === path ? 'hash' : 'route');
  });

  const undo: (() => void)[] = [];
  const { navigation } = window as unknown as { navigation?: NavigationLike };
  if (navigation) context.on(navigation, 'currententrychange', changed);
  else {
    for (const name of ['pushState', 'replaceState'] as const) {
      const original = history[name];
      // the original first: a patch that reports before it would show the address that was left
      const patched = function (this: History, ...args: Parameters<History['pushState']>): void {
        original.apply(this, args);
        changed();
      };
      history[name] = patched;
      undo.push(() => {
        if (history[name] === patched) history[name] = original;
      });
    }
    context.on(window, 'popstate', changed);
    context.on(window, 'hashchange', changed);
  }

  const start = context.guard(() => {
    const { prerendering } = document as Prerendering;
    if (shown || prerendering || (document.visibilityState === 'hidden' && !adopted)) return;
    const { nav, blocked } = loadFields();
    enter(nav, { blocked, ...adopted?.fields }, adopted && { at: adopted.at, free: true });
  });
  // a prerendered page, or one in a background tab, is seen when it is shown
  if ((document as Prerendering).prerendering) context.on(document, 'prerenderingchange', start);
  context.on(document, 'visibilitychange', start);
  context.on(window, 'pageshow', ((event: PageTransitionEvent) => {
    if (event.persisted && shown) enter('bfcache');
  }) as never);
  start();

  return () => {
    stopped = true;
    for (const one of undo) one();
  };
};
