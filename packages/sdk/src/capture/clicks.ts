import { anchors } from './anchors.js';
import type { Capture } from './context.js';
import { happenedAt } from './when.js';

/** Clicks by mouse, finger, pen and key, each with its place in the element that was meant. */
export const clicks: Capture = (context) => {
  const { hit } = context.share(anchors);
  const clicked = (event: MouseEvent): void => {
    const found = event.isTrusted && hit(event);
    if (found) context.emit('click', found.place, { at: happenedAt(context, event) });
  };
  for (const { event } of context.kept) if (event.type === 'click') clicked(event as MouseEvent);
  context.on(window, 'click', clicked as never, { capture: true });
  return () => {};
};
