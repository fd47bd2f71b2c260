/** A view: what stands in `<main>`, the title of the document, and what to undo when it is left. */
export interface View {
  element: HTMLElement;
  title: string;
  leave?(): void;
}
export type Routes = Readonly<Record<string, () => View>>;

export interface Router {
  start(): void;
  /** Goes to an address of this site, as a click on a link would. */
  go(address: string): void;
  /** Draws the present view again, for instance in another language. */
  redraw(): void;
}

/**
 * History routes: links keep their addresses, focus moves to the heading of the new view, back restores the place.
 * @param routes path → view; an unknown path shows `routes['/']`
 */
export const createRouter = (host: Window, outlet: HTMLElement, routes: Routes): Router => {
  let current: View | null = null;

  const show = (): void => {
    current?.leave?.();
    const path = host.location.pathname.replace(/\/+$/, '') || '/';
    current = (routes[path] ?? routes['/'])!();
    outlet.replaceChildren(current.element);
    host.document.title = current.title;
  };
  const arrive = (): void => {
    show();
    host.scrollTo({ top: 0, behavior: 'instant' });
    const heading = outlet.querySelector<HTMLElement>('h1');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
  };
  const go = (address: string): void => {
    host.history.pushState(null, '', address);
    arrive();
  };

  const onClick = (event: MouseEvent): void => {
    const link = (event.target as Element | null)?.closest<HTMLAnchorElement>('a[href]');
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target) return;
    const { origin, pathname, search, hash } = new URL(link.href);
    if (origin !== host.location.origin || !(pathname in routes)) return;
    if (hash && pathname === host.location.pathname) return;
    event.preventDefault();
    go(pathname + search);
  };

  return {
    start() {
      host.document.addEventListener('click', onClick);
      host.addEventListener('popstate', arrive);
      show();
    },
    go,
    redraw: show,
  };
};
