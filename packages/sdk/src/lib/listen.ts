import type { Guard } from './guard.js';

export type Stop = () => void;
/** A passive, guarded listener that somebody else takes away. */
export type On = (
  target: EventTarget,
  type: string,
  handler: (event: never) => void,
  options?: AddEventListenerOptions,
) => void;

/** Adds listeners, passive unless said otherwise, that end all at once. */
export const listening = (guard: Guard): { on: On; stop: Stop } => {
  const controller = new AbortController();
  const { signal } = controller;
  return {
    on: (target, type, handler, options) =>
      target.addEventListener(type, guard(handler as () => void), { passive: true, signal, ...options }),
    stop: () => controller.abort(),
  };
};
