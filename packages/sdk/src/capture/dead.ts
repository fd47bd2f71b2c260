import { activity } from './activity.js';
import { anchors, INTERACTIVE } from './anchors.js';
import type { Capture } from './context.js';
import { nearest } from './selector.js';
import { happenedAt } from './when.js';

const WAIT_MS = 2500;
/** The browser itself answers a click on these. */
const NATIVE =
  'input:not([type=button]):not([type=submit]):not([type=reset]),select,textarea,label,option,video,audio,' +
  'a[download],a[target=_blank],a[href^="mailto:"],a[href^="tel:"],[contenteditable]';
const EFFECTS = [
  'scroll',
  'focusin',
  'selectionchange',
  'visibilitychange',
  'toggle',
  'beforeprint',
  'pagehide',
];

/** A click on something interactive after which nothing moved, loaded, opened or was focused for 2.5 seconds. */
export const dead: Capture = (context) => {
  const { clock } = context;
  const { hit } = context.share(anchors);
  const { listen } = context.share(activity);
  let waiting: (() => void) | null = null;

  const clicked = (event: MouseEvent): void => {
    const found = event.isTrusted && event.detail > 0 ? hit(event) : null;
    // the next click is no effect of the last one, but two observers would cost twice
    waiting?.();
    if (!found || found.logical || !nearest(found.element, INTERACTIVE) || nearest(found.element, NATIVE))
      return;
    const view = context.view().seq;
    const at = happenedAt(context, event);
    const after = context.cause();
    const stop = (): void => {
      waiting = null;
      observer.disconnect();
      cancel();
      unlisten();
      for (const type of EFFECTS) removeEventListener(type, stop, true);
    };
    const observer = new MutationObserver(stop);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    for (const type of EFFECTS) addEventListener(type, stop, true);
    const unlisten = listen(stop);
    const cancel = clock.after(
      WAIT_MS,
      context.guard(() => {
        stop();
        if (context.view().seq === view)
          context.emit('dead_click', { ...found.place, after, waitedMs: WAIT_MS }, { at });
      }),
    );
    waiting = stop;
  };
  context.on(window, 'click', clicked as never, { capture: true });
  context.leaving(() => waiting?.());
  return () => waiting?.();
};
