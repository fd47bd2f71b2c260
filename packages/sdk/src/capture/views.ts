import type { EventType } from '@lintel/protocol/types';
import type { Clock } from '../lib/clock.js';
import type { Guard } from '../lib/guard.js';
import type { On, Stop } from '../lib/listen.js';
import { navigationEntry } from '../lib/navigation-entry.js';
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
  clock: Clock;
  guard: Guard;
  on: On;
  emit: Emit;
  /** The hash is part of the view. */
  hash: boolean | undefined;
  path(raw: string): string;
  adopted: Adopted | undefined;
}

export interface Views {
  view(): View;
  /** A new view began; → its seq. */
  enter(
    nav: string,
    fields?: { path?: string; [field: string]: unknown },
    options?: Parameters<Emit>[2],
  ): number;
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

/** How the installed app or the browser shows the page. */
const display = (): string =>
  ['fullscreen', 'standalone', 'minimal-ui'].find((mode) => matchMedia(`(display-mode: ${mode})`).matches) ??
  'browser';

const loadFields = (): [nav: string, blocked?: string[]] => {
  const { type, notRestoredReasons } = navigationEntry() ?? {};
  const reasons = notRestoredReasons?.reasons?.map(({ reason }) => reason.slice(0, 128)).slice(0, BLOCKED);
  return [
    (document as Prerendering).wasDiscarded
      ? 'restore'
      : type === 'reload' || type === 'back_forward'
        ? type
        : 'load',
    reasons?.[0] ? reasons : undefined,
  ];
};

/**
 * Page views: the first visible moment of the document, then each change of the path (and of the hash, if it counts).
 * Query churn is no view.
 */
export const createViews = ({ clock, guard, on, emit, hash, path, adopted }: ViewsParts): Views => {
  let shown = '';
  let view: View = { seq: -1, path: '', startedMs: 0 };
  /** The view that is over: a page that comes back from the cache ends it no second time. */
  let left: View | undefined;
  let click = -1;
  let clickedMs = -CAUSE_MS;
  let undo: Stop = () => {};
  const address = (): string => location.pathname + (hash ? location.hash : '');

  const views: Views = {
    view: () => view,
    hooks: new Set(),
    enter(nav, fields, options) {
      views.leave(true);
      const from = nav !== 'bfcache' && view.path ? view.path : undefined;
      const startedMs = nav === 'route' || nav === 'hash' ? clock.tick() : 0;
      view = { seq: -1, path: fields?.path ?? path(address()), startedMs };
      // the router of the site sets the title after the address
      return (view.seq = emit('page_view', { title: clean(document.title), nav, from, ...fields }, options));
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
      const enter = (nav: string, fields?: object, options?: Parameters<Emit>[2]): void => {
        shown = address();
        const seen = { display: display(), automated: navigator.webdriver || undefined };
        views.enter(nav, { ...seen, ...fields }, options);
      };
      const changed = guard(() => {
        if (shown && address() !== shown)
          enter(hash && shown.split('#')[0] === location.pathname ? 'hash' : 'route');
      });
      if (navigation) on(navigation, 'currententrychange', changed);
      else {
        const { pushState, replaceState } = history;
        // the original first: a patch that reports before it would show the address that was left
        const after = (original: History['pushState']): History['pushState'] =>
          function (this: History, ...args) {
            original.apply(this, args);
            changed();
          };
        const push = (history.pushState = after(pushState));
        const replace = (history.replaceState = after(replaceState));
        undo = () => {
          if (history.pushState === push) history.pushState = pushState;
          if (history.replaceState === replace) history.replaceState = replaceState;
        };
        on(window, 'popstate', changed);
        on(window, 'hashchange', changed);
      }

      const begin = guard(() => {
        // a prerendered page, or one in a background tab, is seen when it is shown
        if (shown || (document as Prerendering).prerendering || (document.hidden && !adopted)) return;
        const [nav, blocked] = loadFields();
        enter(nav, { blocked, ...adopted?.fields }, adopted && { at: adopted.at, free: true });
      });
      on(document, 'prerenderingchange', begin);
      on(document, 'visibilitychange', begin);
      on(window, 'pageshow', (event: PageTransitionEvent) => {
        if (event.persisted && shown) enter('bfcache');
      });
      begin();
    },
    stop() {
      shown = '';
      undo();
    },
  };
  return views;
};
