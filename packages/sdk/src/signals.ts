import type { CaptureContext } from './capture/context.js';
import { watchHistory } from './capture/history.js';
import { clean } from './capture/mask.js';
import { selectorOf as selector } from './capture/selector.js';
import { whenIdle } from './lib/idle.js';
import { listening, type Stop } from './lib/listen.js';
import { tokens } from './lib/tokens.js';
import type { Core, Signals } from './late.js';

/** A click causes what follows within a second. */
const CAUSE_MS = 1000;

/** What the signals of one client share, and how each of them can be stopped alone. */
export const createSignals = (core: Core): Signals => {
  const { state, endpoint, path, emit, kept, changed, isWanted } = core;
  const { seams, guard, options, late, tally } = state;
  const { clock, random } = seams;
  const shared = new Map<unknown, unknown>();
  /** Signals by their names, and what they share: helpers by their functions. */
  const running = new Map<unknown, Stop>();
  const hooks = new Set<(final: boolean) => void>();
  const pass = tokens(clock, 30, 60);
  let click = -1;
  let clickedMs = -CAUSE_MS;
  /** The view that is over: a page that comes back from the cache ends it no second time. */
  let left: unknown;

  const tell: Signals['tell'] = (type, fields, at) => {
    const seq = emit(type, fields, at, pass);
    if (type === 'click' && seq >= 0) {
      click = seq;
      clickedMs = clock.tick();
    }
    return seq;
  };
  const leaving: Signals['leaving'] = (work) => {
    hooks.add(work);
    return () => void hooks.delete(work);
  };
  const cause = (): number | undefined => (clock.tick() - clickedMs <= CAUSE_MS ? click : undefined);

  const begin = (name: unknown, start: (context: CaptureContext) => void): void => {
    const { on, stop } = listening(guard);
    const endings = [stop];
    const ending = (work: Stop): void => void endings.push(work);
    running.set(name, () => endings.forEach((work) => guard(work)()));
    guard(start)({
      emit: tell,
      on,
      view: () => state.view,
      leaving: (work) => ending(leaving(work)),
      ending,
      cause,
      share<T>(create: (context: CaptureContext) => T): T {
        if (!shared.has(create)) begin(create, (own) => shared.set(create, create(own)));
        return shared.get(create) as T;
      },
      clean,
      selector,
      guard,
      whenIdle: (work) => whenIdle(clock, guard(work)),
      clock,
      random: random.number,
      settings: { ...options, endpoint, path },
      offer: (call, answer) => void (late[call] = answer),
      kept,
      ownFrame: () => void tally.ownLongFrames++,
    });
  };
  const end = (name: unknown): void => {
    running.get(name)?.();
    running.delete(name);
  };

  // a router may have been quicker
  changed();
  if (!(window as { navigation?: unknown }).navigation)
    begin('history', (context) => context.ending(watchHistory(context, changed)));
  return {
    add(captures) {
      for (const name in captures)
        if (isWanted(name)) begin(name, (context) => context.ending(captures[name]!(context)));
    },
    off: (names) => names.forEach(end),
    leaving,
    leave(final = false) {
      if (left === state.view) return;
      if (final) left = state.view;
      for (const work of hooks) guard(work)(final);
    },
    tell,
    cause,
    renew: () => void (clickedMs = -CAUSE_MS),
    stop: () => [...running.keys()].forEach(end),
  };
};
