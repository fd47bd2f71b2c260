import { anchors } from './anchors.js';
import type { Capture } from './context.js';

const SWIPE_PX = 30;
const SWIPE_MS = 800;
const AXIS = 2;
const PINCH_OUT = 1.1;
const PINCH_IN = 0.9;
const PRESS_MS = 500;
const PRESS_PX = 10;
const WHEEL_REST_MS = 300;

const spread = ([p, q]: TouchList): number => Math.hypot(p!.clientX - q!.clientX, p!.clientY - q!.clientY);

/** Swipes, pinches (two fingers, or ctrl and wheel) and long presses. Passive: nothing is ever prevented. */
export const gestures: Capture = (context) => {
  const { clock } = context;
  let start: { x: number; y: number; atMs: number; scrolled: boolean; element: Element } | null = null;
  let pinch: { from: number; scale: number; atMs: number; element: Element } | null = null;
  let wheel: { scale: number; atMs: number; element: Element } | null = null;
  let rest: (() => void) | null = null;
  context.share(anchors);

  const tell = (fields: { kind: string; element: Element; ms: number; [name: string]: unknown }): void => {
    const { element, ms, ...all } = fields;
    context.emit('gesture', { ...all, ms: Math.round(ms), sel: context.selector(element) });
  };
  const tellPinch = (scale: number, ms: number, element: Element): void => {
    if (scale < PINCH_OUT && scale > PINCH_IN) return;
    const dir = scale > 1 ? 'out' : 'in';
    tell({ kind: 'pinch', dir, scale: Math.round(scale * 100) / 100, ms, element });
  };
  const targetOf = (event: Event): Element => {
    const [target] = event.composedPath();
    return target instanceof Element ? target : document.body;
  };

  context.on(window, 'touchstart', (event: TouchEvent) => {
    const element = targetOf(event);
    const [touch] = event.touches;
    if (event.touches.length === 1 && touch)
      start = { x: touch.clientX, y: touch.clientY, atMs: event.timeStamp, scrolled: false, element };
    else {
      start = null;
      if (event.touches.length === 2)
        pinch = { from: spread(event.touches), scale: 1, atMs: event.timeStamp, element };
    }
  });
  context.on(window, 'touchmove', (event: TouchEvent) => {
    if (pinch && event.touches.length === 2) pinch.scale = spread(event.touches) / (pinch.from || 1);
  });
  context.on(document, 'scroll', () => {
    if (start) start.scrolled = true;
  });
  context.on(window, 'touchcancel', () => (start = pinch = null));
  context.on(window, 'touchend', (event: TouchEvent) => {
    if (pinch) {
      if (event.touches.length < 2) {
        tellPinch(pinch.scale, event.timeStamp - pinch.atMs, pinch.element);
        pinch = null;
      }
      return;
    }
    const [touch] = event.changedTouches;
    if (!start || !touch) return;
    const { element, scrolled } = start;
    const dx = touch.clientX - start.x;
    const dy = touch.clientY - start.y;
    const ms = event.timeStamp - start.atMs;
    const distance = Math.round(Math.hypot(dx, dy));
    start = null;
    const [along, across] = Math.abs(dx) > Math.abs(dy) ? [dx, dy] : [dy, dx];
    if (distance < PRESS_PX && ms >= PRESS_MS) tell({ kind: 'long_press', ms, element });
    else if (
      !scrolled &&
      distance >= SWIPE_PX &&
      ms < SWIPE_MS &&
      Math.abs(along) >= AXIS * Math.abs(across)
    ) {
      const dir = along === dx ? (dx > 0 ? 'right' : 'left') : dy > 0 ? 'down' : 'up';
      tell({ kind: 'swipe', dir, distance, ms, element });
    }
  });
  context.on(window, 'wheel', (event: WheelEvent) => {
    if (!event.ctrlKey) return;
    wheel ??= { scale: 1, atMs: event.timeStamp, element: targetOf(event) };
    wheel.scale *= Math.exp(-event.deltaY / 100);
    const { timeStamp } = event;
    rest?.();
    rest = clock.after(WHEEL_REST_MS, () => {
      if (wheel) context.guard(tellPinch)(wheel.scale, timeStamp - wheel.atMs, wheel.element);
      wheel = null;
    });
  });
  return () => rest?.();
};
