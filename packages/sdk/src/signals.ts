import type { CaptureContext } from './capture/context.js';
import { clean } from './capture/mask.js';
import { selectorOf as selector } from './capture/selector.js';
import { whenIdle } from './lib/idle.js';
import { listening, type Stop } from './lib/listen.js';
import type { Core, Signals } from './late.js';

/** What the signals of one client share, and how each of them can be stopped alone. */
export const createSignals = (core: Core): Signals => {
  const { seams, guard, options, endpoint, path, views, kept, ownFrame } = core;
  const { clock } = seams;
  const shared = new Map<unknown, unknown>();
  /** Signals by their names, and what they share: helpers by their functions. */
  const running = new Map<unknown, Stop>();
  const offers: Signals['offers'] = {};

  const begin = (name: unknown, start: (context: CaptureContext) => void): void => {
    const { on, stop } = listening(guard);
    const endings = [stop];
    const ending = (work: Stop): void => void endings.push(work);
    running.set(name, () => endings.forEach((work) => guard(work)()));
    guard(start)({
      emit: views.emit,
      on,
      view: views.view,
      leaving(work) {
        views.hooks.add(work);
        ending(() => views.hooks.delete(work));
      },
      ending,
      cause: views.cause,
      share<T>(create: (context: CaptureContext) => T): T {
        if (!shared.has(create)) begin(create, (own) => shared.set(create, create(own)));
        return shared.get(create) as T;
      },
      clean,
      selector,
      guard,
      whenIdle: (work) => whenIdle(clock, guard(work)),
      clock,
      random: seams.random.number,
      settings: { ...options, endpoint, path },
      offer: (call, answer) => void (offers[call] = answer),
      kept,
      ownFrame,
    });
  };
  const end = (name: unknown): void => {
    running.get(name)?.();
    running.delete(name);
  };

  return {
    offers,
    add(captures) {
      for (const name in captures)
        if (core.wanted(name)) begin(name, (context) => context.ending(captures[name]!(context)));
    },
    off: (names) => names.forEach(end),
    stop: () => [...running.keys()].forEach(end),
  };
};
