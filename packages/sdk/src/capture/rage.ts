import { anchors, type Hit } from './anchors.js';
import type { Capture } from './context.js';
import { nearest } from './selector.js';

const CLICKS = 3;
const WITHIN_MS = 1000;
const WITHIN_PX = 30;
/** What is meant to be clicked again and again. */
const REPEATABLE =
  '[data-lintel-repeat],input[type=number],input[type=range],[role=slider],[role=spinbutton],video,audio';

/** Three or more clicks on one anchor within a second: told once, after a second of rest. */
export const rage: Capture = (context) => {
  const { clock } = context;
  const { hit } = context.share(anchors);
  let first: Hit | null = null;
  let count = 0;
  let firstAt = 0;
  let lastAt = 0;
  let cancel: (() => void) | null = null;

  const tell = (): void => {
    cancel?.();
    cancel = null;
    if (first && count >= CLICKS)
      context.emit('rage_click', { ...first.place, count, ms: Math.round(lastAt - firstAt) });
    first = null;
  };
  const clicked = (event: MouseEvent): void => {
    const found = event.isTrusted && event.detail > 0 ? hit(event) : null;
    if (!found || nearest(found.element, REPEATABLE)) return;
    const now = event.timeStamp;
    const near = first && Math.hypot(found.x - first.x, found.y - first.y) <= WITHIN_PX;
    if (!first || found.element !== first.element || !near || now - lastAt > WITHIN_MS) {
      tell();
      first = found;
      count = 0;
      firstAt = now;
    }
    // two fast and one late click are no rage
    if (count < CLICKS - 1 || now - firstAt <= WITHIN_MS || count >= CLICKS) count++;
    lastAt = now;
    cancel?.();
    cancel = clock.after(WITHIN_MS, context.guard(tell));
  };
  context.on(window, 'click', clicked as never, { capture: true });
  context.leaving(tell);
  return () => {
    cancel?.();
  };
};
