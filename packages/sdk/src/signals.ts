import type { CaptureContext, CaptureSettings } from './capture/context.js';
import { clean } from './capture/mask.js';
import { selectorOf } from './capture/selector.js';
import { whenIdle } from './lib/idle.js';
import { listening, type Stop } from './lib/listen.js';
import type { Core, Signals } from './late.js';

/** What the signals of one client share, and how each of them can be stopped alone. */
export const createSignals = ({
  seams,
  guard,
  options,
  endpoint,
  path,
  views,
  kept,
  ownFrame,
  wanted,
}: Core): Signals => {
  const { clock, random } = seams;
  const { hash = false, traceOrigins = [], console = false, target } = options;
  const settings: CaptureSettings = {
    key: options.key,
    endpoint,
    hash,
    path,
    traceOrigins,
    console,
    ...(target && { target }),
  };
  const selectors = new WeakMap<Element, string>();
  const shared = new Map<unknown, unknown>();
  const running = new Map<string, Stop>();
  const all = listening(guard);
  const endings: Stop[] = [all.stop];
  const offers: Signals['offers'] = {};

  const leavingOf =
    (undo: Stop[]): CaptureContext['leaving'] =>
    (work) => {
      views.hooks.add(work);
      undo.push(() => views.hooks.delete(work));
    };
  const context: CaptureContext = {
    emit: views.emit,
    on: all.on,
    view: views.view,
    leaving: leavingOf(endings),
    ending: (work) => void endings.push(work),
    cause: views.cause,
    share<T>(create: (context: CaptureContext) => T): T {
      if (!shared.has(create)) shared.set(create, create(context));
      return shared.get(create) as T;
    },
    clean,
    selector(element) {
      if (!selectors.has(element)) selectors.set(element, selectorOf(element));
      return selectors.get(element)!;
    },
    guard,
    whenIdle: (work) => whenIdle(clock, guard(work)),
    clock,
    random: random.number,
    settings,
    offer: (name, answer) => void (offers[name] = answer),
    kept,
    ownFrame,
  };
  const end = (name: string): void => {
    running.get(name)?.();
    running.delete(name);
  };

  return {
    offers,
    add(captures) {
      for (const [name, capture] of Object.entries(captures)) {
        if (!wanted(name)) continue;
        const own = listening(guard);
        const undo: Stop[] = [own.stop];
        running.set(
          name,
          guard(() => undo.forEach((stop) => guard(stop)())),
        );
        guard(() => undo.push(capture({ ...context, on: own.on, leaving: leavingOf(undo) })))();
      }
    },
    off: (names) => names.forEach(end),
    stop() {
      [...running.keys()].forEach(end);
      for (const stop of endings) guard(stop)();
    },
  };
};
