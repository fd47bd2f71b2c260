import type { On } from '../lib/listen.js';
import { navigationEntry } from '../lib/navigation-entry.js';
import { free } from '../numbering.js';
import type { State } from '../state.js';
import type { Stub } from '../stub.js';
import type { Emit, View } from './context.js';
import { clean } from './mask.js';

type Prerendering = Document & { prerendering?: boolean; wasDiscarded?: boolean };

export interface Views {
  /** A new view began. */
  enter(
    nav: string,
    fields?: { path?: string; [field: string]: unknown },
    at?: number,
    pass?: () => boolean,
  ): void;
  /** The address may have changed. */
  changed(): void;
  /** Watches the address from now on. */
  watch(on: On): void;
}

const BLOCKED = 5;
const REASON = 128;
/** Before the first one. */
export const NO_VIEW: View = { seq: -1, path: '', startedMs: 0 };

/** How the installed app or the browser shows the page. */
const display = (): string =>
  ['fullscreen', 'standalone', 'minimal-ui'].find((mode) => matchMedia(`(display-mode: ${mode})`).matches) ??
  'browser';

/**
 * Page views: the first visible moment of the document, then each change of the path (and of the hash, if it counts).
 * Query churn is no view.
 * @param adopted the first view, when the stub of the script tag numbered it already
 */
export const createViews = (
  state: State,
  emit: Emit,
  path: (raw: string) => string,
  adopted: Stub['q'][0] | undefined,
): Views => {
  const { clock } = state.seams;
  const { hash } = state.options;
  /** Address of the last view; '' before the first. */
  let shown = '';
  const address = (): string => location.pathname + (hash ? location.hash : '');

  const enter: Views['enter'] = (nav, fields, ...more) => {
    state.late.leave?.(true);
    const from = (nav !== 'bfcache' && state.view.path) || undefined;
    // a step tells nothing of the address, which may be seen later
    if (nav !== 'manual') shown = address();
    const view = (state.view = {
      ...NO_VIEW,
      path: fields?.path ?? path(address()),
      startedMs: /route|hash/.test(nav) ? clock.tick() : 0,
    });
    view.seq = emit(
      'page_view',
      {
        // the router of the site sets the title after the address
        title: clean(document.title),
        nav,
        from,
        display: display(),
        automated: navigator.webdriver || undefined,
        ...fields,
      },
      ...more,
    );
  };
  const changed = (): void => {
    if (shown && address() !== shown)
      enter(hash && shown.split('#')[0] === location.pathname ? 'hash' : 'route');
  };
  const begin = (): void => {
    const { prerendering, hidden, wasDiscarded } = document as Prerendering;
    // a prerendered page, or one in a background tab, is seen when it is shown
    if (shown || prerendering || (hidden && !adopted)) return;
    const { type, notRestoredReasons } = navigationEntry() ?? {};
    const nav = wasDiscarded ? 'restore' : /^(reload|back_forward)$/.test(type!) ? type! : 'load';
    const blocked = notRestoredReasons?.reasons
      ?.slice(0, BLOCKED)
      .map(({ reason }) => reason.slice(0, REASON));
    const [at, , fields] = adopted ?? [];
    enter(nav, { blocked, ...(fields as object) }, at, adopted && free);
    // numbered once, however often the client starts anew
    adopted = undefined;
  };

  return {
    enter,
    changed,
    watch(on) {
      const { navigation } = window as { navigation?: EventTarget };
      shown = '';
      state.view = NO_VIEW;
      // what browsers without the Navigation API need besides comes late
      on(navigation ?? window, navigation ? 'currententrychange' : 'popstate', changed);
      on(document, 'prerenderingchange', begin);
      on(document, 'visibilitychange', begin);
      on(window, 'pageshow', ({ persisted }: PageTransitionEvent) => {
        if (persisted && shown) enter('bfcache');
      });
      begin();
    },
  };
};
