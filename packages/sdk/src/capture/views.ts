import type { EventType } from '@lintel/protocol/types';
import type { On, Stop } from '../lib/listen.js';
import { navigationEntry } from '../lib/navigation-entry.js';
import type { State } from '../state.js';
import type { Emit, View } from './context.js';
import { clean } from './mask.js';

interface NavigationLike extends EventTarget {
  currentEntry: unknown;
}
type Prerendering = Document & { prerendering?: boolean; wasDiscarded?: boolean };

/** The first view, when the stub of the script tag numbered it already. */
export interface Adopted {
  at: number;
  fields: object;
}

export interface ViewsParts {
  on: On;
  emit: Emit;
  path(raw: string): string;
  adopted: Adopted | undefined;
}

export interface Views {
  view(): View;
  /** A new view began. */
  enter(
    nav: string,
    fields?: { path?: string; [field: string]: unknown },
    options?: Parameters<Emit>[2],
  ): void;
  /** Tells the signals that the page hides, or that the view is over. */
  leave(final: boolean): void;
  /** Called before a view ends and when the page hides; `final` when the view is over. */
  hooks: Set<(final: boolean) => void>;
  /** Numbers an event, and notes a click that later events may name. */
  emit: Emit;
  /** Seq of the last click, if at most a second ago. */
  cause(): number | undefined;
  /** The click that later events name, before it has a number: none. */
  forgetClick(): void;
  /** Watches the address from now on. */
  start(): void;
  stop(): void;
}

/** A click causes what follows within a second. */
const CAUSE_MS = 1000;
const BLOCKED = 5;
const REASON = 128;

/** How the installed app or the browser shows the page. */
const display = (): string =>
  ['fullscreen', 'standalone', 'minimal-ui'].find((mode) => matchMedia(`(display-mode: ${mode})`).matches) ??
  'browser';

/**
 * Page views: the first visible moment of the document, then each change of the path (and of the hash, if it counts).
 * Query churn is no view.
 */
export const createViews = (
  { seams: { clock }, options: { hash }, guard }: State,
  { on, emit, path, adopted }: ViewsParts,
): Views => {
  /** Address of the last view; '' before the first. */
  let shown = '';
  let view: View = { seq: -1, path: '', startedMs: 0 };
  /** The view that is over: a page that comes back from the cache ends it no second time. */
  let left: View | undefined;
  let click = -1;
  let clickedMs = -CAUSE_MS;
  const undo: Stop[] = [];
  const address = (): string => location.pathname + (hash ? location.hash : '');

  const changed = guard(() => {
    if (shown && address() !== shown)
      views.enter(hash && shown.split('#')[0] === location.pathname ? 'hash' : 'route');
  });
  const begin = guard(() => {
    const { prerendering, hidden, wasDiscarded } = document as Prerendering;
    // a prerendered page, or one in a background tab, is seen when it is shown
    if (shown || prerendering || (hidden && !adopted)) return;
    const { type, notRestoredReasons } = navigationEntry() ?? {};
    const nav = wasDiscarded ? 'restore' : /^(reload|back_forward)$/.test(type!) ? type! : 'load';
    const blocked = notRestoredReasons?.reasons
      ?.slice(0, BLOCKED)
      .map(({ reason }) => reason.slice(0, REASON));
    views.enter(nav, { blocked, ...adopted?.fields }, adopted && { at: adopted.at, free: true });
  });

  const views: Views = {
    view: () => view,
    hooks: new Set(),
    enter(nav, fields, options) {
      views.leave(true);
      const from = nav !== 'bfcache' && view.path ? view.path : undefined;
      // a step tells nothing of the address, which may be seen later
      if (nav !== 'manual') shown = address();
      view = {
        seq: -1,
        path: fields?.path ?? path(address()),
        startedMs: /route|hash/.test(nav) ? clock.tick() : 0,
      };
      const seen = { display: display(), automated: navigator.webdriver || undefined };
      // the router of the site sets the title after the address
      view.seq = emit('page_view', { title: clean(document.title), nav, from, ...seen, ...fields }, options);
    },
    leave(final) {
      if (left === view) return;
      if (final) left = view;
      for (const work of views.hooks) guard(work)(final);
    },
    emit(type: EventType, fields, options) {
      const seq = emit(type, fields, options);
      if (type === 'click' && seq >= 0) {
        click = seq;
        clickedMs = clock.tick();
      }
      return seq;
    },
    cause: () => (clock.tick() - clickedMs <= CAUSE_MS ? click : undefined),
    forgetClick: () => void (clickedMs = -CAUSE_MS),
    start() {
      const { navigation } = window as unknown as { navigation?: NavigationLike };
      if (navigation) on(navigation, 'currententrychange', changed);
      else {
        for (const name of ['pushState', 'replaceState'] as const) {
          const original = history[name];
          // the original first: a patch that reports before it would show the address that was left
          const patched = (history[name] = function (this: History, ...args) {
            original.apply(this, args);
            changed();
          });
          undo.push(() => {
            if (history[name] === patched) history[name] = original;
          });
        }
        on(window, 'popstate', changed);
        on(window, 'hashchange', changed);
      }
      on(document, 'prerenderingchange', begin);
      on(document, 'visibilitychange', begin);
      on(window, 'pageshow', ({ persisted }: PageTransitionEvent) => {
        if (persisted && shown) views.enter('bfcache');
      });
      begin();
    },
    stop() {
      shown = '';
      for (const work of undo) work();
    },
  };
  return views;
};
