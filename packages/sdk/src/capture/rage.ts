import { anchors, type Hit } from './anchors.js';
import type { Capture } from './context.js';
import { nearest } from './selector.js';
import { timer } from './timer.js';

const CLICKS = 3;
const WITHIN_MS = 1000;
const WITHIN_PX = 30;
/** What is meant to be clicked again and again. */
const REPEATABLE =
  '[data-lintel-repeat],input[type=number],input[type=range],[role=slider],[role=spinbutton],video,audio';

/** Three or more clicks on one anchor within a second: told once, after a second of rest. */
export const rage: Capture = (context) => {
  const rest = timer(context);
  let first: Hit;
  let begun: MouseEvent;
  let lastAt = 0;
  let count = 0;

  const tell = (): void => {
    rest();
    if (count >= CLICKS)
      context.emit('rage_click', { ...first.place, count, ms: Math.round(lastAt - begun.timeStamp) });
    count = 0;
  };
  context.leaving(tell);
  const deaf = context.share(anchors)((hit, event) => {
    if (!hit.pointed || nearest(hit.element, REPEATABLE)) return;
    const { timeStamp: now, clientX, clientY } = event;
    if (
      !count ||
      hit.element !== first.element ||
      Math.hypot(clientX - begun.clientX, clientY - begun.clientY) > WITHIN_PX ||
      now - lastAt > WITHIN_MS
    ) {
      tell();
      first = hit;
      begun = event;
    }
    // two fast and one late click are no rage
    if (count !== CLICKS - 1 || now - begun.timeStamp <= WITHIN_MS) count++;
    lastAt = now;
    rest(tell, WITHIN_MS);
  });
  return () => {
    deaf();
    rest();
  };
};
