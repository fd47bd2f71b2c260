export type Stop = () => void;

/** Adds a listener, passive unless said otherwise, and returns what removes it. */
export const listen = (
  target: EventTarget,
  type: string,
  handler: (event: never) => void,
  options?: AddEventListenerOptions,
): Stop => {
  const settings = { passive: true, ...options };
  target.addEventListener(type, handler as EventListener, settings);
  return () => target.removeEventListener(type, handler as EventListener, settings);
};
