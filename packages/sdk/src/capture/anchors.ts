import type { CaptureContext } from './context.js';
import { nearest } from './selector.js';

export const INTERACTIVE =
  'a[href],button,input,select,textarea,summary,label,option,[onclick],[contenteditable],' +
  '[role=button],[role=link],[role=tab],[role=checkbox],[role=radio],[role=switch],[role=option],[role^=menuitem]';

const FULL = 32_767;
const MIDDLE = 16_384;
const PX = 10_000;

/** What was hit, and where: fields of a click on the wire. */
export interface Place {
  sel: string;
  label: string;
  kind: string;
  ex: number;
  ey: number;
  px?: number;
  py?: number;
  box?: number[];
  fixed?: boolean | undefined;
  vw: number;
  vh: number;
  dh: number;
}
export interface Hit {
  element: Element;
  place: Place;
  x: number;
  y: number;
  /** The site named what was hit inside a canvas. */
  logical: boolean;
}
export interface Anchors {
  /** Null for what is no element. */
  hit(event: MouseEvent): Hit | null;
}

const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, Math.round(value)));

/**
 * Finds what a pointer meant. The box is read once, in the capture phase of `pointerdown` on `window`: hit testing has
 * just made the layout clean there. Nothing reads layout when the click comes.
 */
export const anchors = (context: CaptureContext): Anchors => {
  const stuck = new WeakMap<Element, boolean>();
  const hits = new WeakMap<Event, Hit | null>();
  let pressed: { anchor: Element; box: DOMRect; left: number; top: number; kind: string } | null = null;
  let size = { vw: 0, vh: 0, dh: 0 };

  const targetOf = (event: Event): Element | null => {
    // the path of an event that was kept for a late chunk is empty by now
    const target = event.composedPath()[0] ?? event.target;
    return target instanceof Element ? target : target instanceof Node ? target.parentElement : null;
  };
  const anchorOf = (target: Element): Element =>
    nearest(target, '[data-lintel-mask]') ??
    nearest(target, '[data-lintel]') ??
    nearest(target, INTERACTIVE) ??
    target;
  const sticks = (element: Element): boolean => {
    for (let at: Element | null = element; at; at = at.parentElement)
      if (/fixed|sticky/.test(getComputedStyle(at).position)) return true;
    return false;
  };

  const press = (event: PointerEvent, known?: DOMRect): void => {
    const target = targetOf(event);
    if (!target) return;
    const anchor = anchorOf(target);
    const box = known && anchor === target ? known : anchor.getBoundingClientRect();
    pressed = { anchor, box, left: scrollX, top: scrollY, kind: event.pointerType };
    size = { vw: innerWidth, vh: innerHeight, dh: document.documentElement.scrollHeight };
    if (!stuck.has(anchor)) context.whenIdle(() => void stuck.set(anchor, sticks(anchor)));
  };
  context.on(window, 'pointerdown', press as never, { capture: true });
  for (const { event, box } of context.kept)
    if (event.type === 'pointerdown') press(event as PointerEvent, box);

  const find = (event: MouseEvent): Hit | null => {
    const target = targetOf(event);
    if (!target) return null;
    const element = anchorOf(target);
    const masked = element.hasAttribute('data-lintel-mask');
    const logical = masked ? null : (context.settings.target?.(event) ?? null);
    const { clientX: x, clientY: y } = event;
    // a key presses the middle of what has the focus
    const byKey = event.detail === 0;
    const role = element.getAttribute('role');
    const name = logical ?? (masked ? null : element.getAttribute('data-lintel'));
    const place: Place = {
      sel: context.selector(element),
      label: (name ?? element.localName + (role ? `[${role}]` : '')).slice(0, 256),
      kind: byKey ? 'key' : (event as PointerEvent).pointerType || pressed?.kind || 'mouse',
      ex: MIDDLE,
      ey: MIDDLE,
      ...size,
    };
    if (!byKey && pressed?.anchor === element) {
      const { box, left, top } = pressed;
      const fixed = stuck.get(element);
      const within = (at: number, length: number): number =>
        clamp(length ? (at / length) * FULL : MIDDLE, FULL);
      Object.assign(place, {
        ex: within(x - box.left, box.width),
        ey: within(y - box.top, box.height),
        px: clamp((x / size.vw) * PX, PX),
        py: clamp(fixed ? y : y + top, 4e9),
        box: [box.left + left, box.top + top, box.width, box.height].map((px) => clamp(px, 4e9)),
        ...(fixed && { fixed }),
      });
    }
    return { element, place, x, y, logical: logical !== null };
  };

  return {
    hit(event) {
      if (!hits.has(event)) hits.set(event, find(event));
      return hits.get(event)!;
    },
  };
};
