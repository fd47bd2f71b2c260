import { anchorOf } from './anchors.js';
import type { Capture } from './context.js';
import { timer } from './timer.js';

const SWIPE_PX = 30;
const SWIPE_MS = 800;
const AXIS = 2;
const PINCH_OUT = 1.1;
const PINCH_IN = 0.9;
const PRESS_MS = 500;
const PRESS_PX = 10;
const WHEEL_REST_MS = 300;

const spread = ([p, q]: TouchList): number => Math.hypot(p!.clientX - q!.clientX, p!.clientY - q!.clientY);

interface Start {
  element: Element;
  startedMs: number;
}

/** Swipes, pinches (two fingers, or ctrl and wheel) and long presses. Passive, and moves are not kept. */
export const gestures: Capture = (context) => {
  const rest = timer(context);
  let press: (Start & { x: number; y: number; scrolled?: boolean }) | null = null;
  let pinch: (Start & { scale: number; from: number }) | null = null;

  const begin = (event: Event): Start => ({ element: anchorOf(event), startedMs: event.timeStamp });
  const tell = (kind: string, { element }: Start, ms: number, fields?: object): void =>
    void context.emit('gesture', { kind, ms: Math.round(ms), sel: context.selector(element), ...fields });
  const pinched = ({ timeStamp }: Event): void => {
    const scale = pinch ? Math.round(pinch.scale * 100) / 100 : 1;
    if (scale >= PINCH_OUT || scale <= PINCH_IN)
      tell('pinch', pinch!, timeStamp - pinch!.startedMs, { dir: scale > 1 ? 'out' : 'in', scale });
    pinch = null;
  };

  context.on(window, 'touchstart', (event: TouchEvent) => {
    const { touches } = event;
    const [{ clientX: x, clientY: y }] = touches as unknown as [Touch];
    press = touches.length > 1 ? null : { ...begin(event), x, y };
    if (touches.length === 2) pinch = { ...begin(event), scale: 1, from: spread(touches) || 1 };
  });
  context.on(window, 'touchmove', ({ touches }: TouchEvent) => {
    if (pinch && touches.length === 2) pinch.scale = spread(touches) / pinch.from;
  });
  context.on(document, 'scroll', () => {
    if (press) press.scrolled = true;
  });
  context.on(window, 'touchcancel', () => (press = pinch = null));
  context.on(window, 'touchend', (event: TouchEvent) => {
    if (pinch) {
      if (event.touches.length < 2) pinched(event);
    } else if (press) {
      const [{ clientX, clientY }] = event.changedTouches as unknown as [Touch];
      const dx = clientX - press.x;
      const dy = clientY - press.y;
      const ms = event.timeStamp - press.startedMs;
      const distance = Math.round(Math.hypot(dx, dy));
      const flat = Math.abs(dx) > Math.abs(dy);
      const [along, across] = flat ? [dx, dy] : [dy, dx];
      if (distance < PRESS_PX && ms >= PRESS_MS) tell('long_press', press, ms);
      else if (
        !press.scrolled &&
        distance >= SWIPE_PX &&
        ms < SWIPE_MS &&
        Math.abs(along) >= AXIS * Math.abs(across)
      )
        tell('swipe', press, ms, {
          dir: (flat ? ['left', 'right'] : ['up', 'down'])[+(along > 0)],
          distance,
        });
      press = null;
    }
  });
  context.on(window, 'wheel', (event: WheelEvent) => {
    if (!event.ctrlKey) return;
    pinch ??= { ...begin(event), scale: 1, from: 1 };
    pinch.scale *= Math.exp(-event.deltaY / 100);
    rest(() => pinched(event), WHEEL_REST_MS);
  });
  return rest;
};
