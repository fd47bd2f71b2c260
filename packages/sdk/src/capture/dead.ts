import { activity } from './activity.js';
import { anchors, INTERACTIVE } from './anchors.js';
import type { Capture } from './context.js';
import { nearest } from './selector.js';
import { timer } from './timer.js';

const WAIT_MS = 2500;
/** The browser itself answers a click on these. */
const NATIVE =
  'input:not([type=button],[type=submit],[type=reset]),select,textarea,label,option,video,audio,' +
  'a[download],a[target=_blank],a[href^="mailto:"],a[href^="tel:"],[contenteditable]';
const EFFECTS = ['scroll', 'focusin', 'selectionchange', 'toggle', 'beforeprint'];

/** A click on something interactive after which nothing moved, loaded, opened or was focused for 2.5 seconds. */
export const dead: Capture = (context) => {
  const effects = context.share(activity);
  const wait = timer(context);
  const stop = (): void => {
    observer.disconnect();
    wait();
  };
  const observer = new MutationObserver(stop);

  for (const type of EFFECTS) context.on(window, type, stop, { capture: true });
  // a script that clicks, for instance on a field for files, is an effect too
  context.on(window, 'click', ({ isTrusted }: Event) => isTrusted || stop(), { capture: true });
  context.leaving(stop);
  effects.add(stop);
  const deaf = context.share(anchors)(({ element, place, at, logical, pointed }) => {
    // the next click is no effect of the last one, but two of them would cost twice
    stop();
    if (!pointed || logical || !nearest(element, INTERACTIVE) || nearest(element, NATIVE)) return;
    const after = context.cause();
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    wait(() => {
      stop();
      context.emit('dead_click', { ...place, after, waitedMs: WAIT_MS }, at);
    }, WAIT_MS);
  });
  return () => {
    stop();
    deaf();
    effects.delete(stop);
  };
};
