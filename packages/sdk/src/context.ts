import type { EventType } from '@lintel/protocol/types';
import type { CaptureContext, CaptureSettings, Kept, Offers, View } from './capture/context.js';
import { clean } from './capture/mask.js';
import type { Guard } from './lib/guard.js';
import { whenIdle } from './lib/idle.js';
import { listen, type Stop } from './lib/listen.js';
import type { Seams } from './lib/seams.js';

/** A click causes what follows within a second. */
const CAUSE_MS = 1000;

export interface ContextParts {
  seams: Seams;
  guard: Guard;
  settings: CaptureSettings;
  emit: CaptureContext['emit'];
  ownFrame(): void;
  kept: readonly Kept[];
}

export interface OwnContext extends CaptureContext {
  /** Tells the signals that the page hides, or that the view is over. */
  leave(final: boolean): void;
  /** A context for one signal, which can be stopped alone. */
  scope(): { context: CaptureContext; stop: Stop };
  offers: Partial<Offers>;
  /** The click that later events name, before it has a number: none. */
  forgetClick(): void;
  stop(): void;
}

/** What the signals of one client share; everything they added is gone after `stop`. */
export const createContext = ({ seams, guard, settings, emit, ownFrame, kept }: ContextParts): OwnContext => {
  const { clock, random } = seams;
  const stops: Stop[] = [];
  const shared = new Map<unknown, unknown>();
  const hooks = new Set<(final: boolean) => void>();
  let view: View = { seq: -1, path: '', startedMs: 0 };
  /** The view that is over: a page that comes back from the cache ends it no second time. */
  let left: View | null = null;
  let click = { seq: -1, at: -CAUSE_MS };

  const onOf =
    (mine: Stop[]): CaptureContext['on'] =>
    (target, type, handler, options) =>
      void mine.push(listen(target, type, guard(handler as () => void) as never, options));
  const leavingOf =
    (mine: Stop[]): CaptureContext['leaving'] =>
    (work) => {
      hooks.add(work);
      mine.push(() => hooks.delete(work));
    };
  const end = (mine: Stop[]): void => {
    for (const stop of mine.splice(0)) stop();
  };

  const context: OwnContext = {
    emit(type: EventType, fields, options) {
      const seq = emit(type, fields, options);
      if (type === 'click' && seq >= 0) click = { seq, at: clock.tick() };
      return seq;
    },
    on: onOf(stops),
    view: () => view,
    enter(nav, fields, options) {
      context.leave(true);
      const from = (nav !== 'bfcache' && view.path) || undefined;
      const { path = settings.path(location.pathname + (settings.hash ? location.hash : '')) } = (fields ??
        {}) as { path?: string };
      view = { seq: -1, path, startedMs: nav === 'route' || nav === 'hash' ? clock.tick() : 0 };
      // the router of the site sets the title after the address
      const title = clean(document.title);
      view.seq = emit('page_view', { title, nav, from, ...fields }, options);
      return view.seq;
    },
    leaving: leavingOf(stops),
    ending: (work) => void stops.push(work),
    leave(final) {
      if (left === view) return;
      if (final) left = view;
      for (const work of hooks) guard(work)(final);
    },
    cause: () => (clock.tick() - click.at <= CAUSE_MS ? click.seq : undefined),
    forgetClick: () => void (click = { seq: -1, at: -CAUSE_MS }),
    share<T>(create: (context: CaptureContext) => T): T {
      if (!shared.has(create)) shared.set(create, create(context));
      return shared.get(create) as T;
    },
    clean,
    guard,
    whenIdle: (work) => whenIdle(clock, guard(work)),
    clock,
    random: () => random.number(),
    settings,
    offers: {},
    offer: (name, answer) => void (context.offers[name] = answer),
    kept,
    ownFrame,
    scope() {
      const mine: Stop[] = [];
      return { context: { ...context, on: onOf(mine), leaving: leavingOf(mine) }, stop: () => end(mine) };
    },
    stop() {
      end(stops);
      shared.clear();
    },
  };
  return context;
};
