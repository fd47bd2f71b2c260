import type { CaptureContext, Kept } from './context.js';
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
  fixed?: boolean;
  vw?: number;
  vh?: number;
  dh?: number;
}
/** A trusted click. */
export interface Hit {
  element: Element;
  place: Place;
  /** Wall clock: when it happened, not when its handler ran. */
  at: number;
  /** The site named what was hit inside a canvas. */
  logical: boolean;
  /** By a pointer, not by a key. */
  pointed: boolean;
}
/**
 * Listens to clicks.
 * @param past whether also to those that were kept from before   @returns what ends it
 */
export type Clicked = (work: (hit: Hit, event: MouseEvent) => void, past?: boolean) => () => void;

const clamp = (value: number, most = 4e9): number => Math.max(0, Math.min(most, Math.round(value)));

/** What an event meant: something masked, something the site named, something interactive, or what it hit. */
export const anchorOf = (event: Event): Element => {
  // the path of an event that was kept for a late chunk is empty by now
  const target = event.composedPath()[0] ?? event.target;
  const element = target instanceof Element ? target : document.documentElement;
  return (
    nearest(element, '[data-lintel-mask]') ??
    nearest(element, '[data-lintel]') ??
    nearest(element, INTERACTIVE) ??
    element
  );
};

const sticks = (element: Element | null): boolean =>
  !!element && (/fixed|sticky/.test(getComputedStyle(element).position) || sticks(element.parentElement));

/**
 * Finds what a pointer meant. The box is read once, in the capture phase of `pointerdown` on `window`: hit testing has
 * just made the layout clean there. Nothing reads layout when the click comes.
 */
export const anchors = (context: CaptureContext): Clicked => {
  const { clock, settings } = context;
  const stuck = new WeakMap<Element, boolean>();
  const works = new Set<Parameters<Clicked>[0]>();
  /** Where the pointer went down: on what, and what a click on it will tell. */
  let pressed: { anchor: Element; kind: string; y: number; place: Partial<Place> } | undefined;
  let size: Partial<Place> = {};

  const press = (event: PointerEvent, anchor: Element, known?: DOMRect): void => {
    const { clientX: x, clientY: y, pageX, pageY, pointerType: kind } = event;
    const box = known && anchor === event.target ? known : anchor.getBoundingClientRect();
    const { left, top, width, height } = box;
    const within = (at: number, length: number): number =>
      clamp(length ? (at / length) * FULL : MIDDLE, FULL);
    size = { vw: innerWidth, vh: innerHeight, dh: document.documentElement.scrollHeight };
    const place = {
      ex: within(x - left, width),
      ey: within(y - top, height),
      px: clamp((x / innerWidth) * PX, PX),
      py: clamp(pageY),
      box: [left + pageX - x, top + pageY - y, width, height].map((px) => clamp(px)),
    };
    pressed = { anchor, kind, y: clamp(y), place };
    if (!stuck.has(anchor)) context.whenIdle(() => void stuck.set(anchor, sticks(anchor)));
  };
  const click = (event: PointerEvent, element: Element): void => {
    const masked = element.hasAttribute('data-lintel-mask');
    const logical = masked ? null : settings.target?.(event);
    const role = element.getAttribute('role');
    const name = logical || (!masked && element.getAttribute('data-lintel'));
    const pointed = event.detail > 0;
    const hit: Hit = {
      element,
      at: Math.round(clock.now() - clock.tick() + event.timeStamp),
      logical: !!logical,
      pointed,
      place: {
        sel: context.selector(element),
        label: (name || element.localName + (role ? `[${role}]` : '')).slice(0, 256),
        kind: pointed ? event.pointerType || pressed?.kind || 'mouse' : 'key',
        // a key presses the middle of what has the focus
        ex: MIDDLE,
        ey: MIDDLE,
        ...size,
        ...(pointed &&
          pressed?.anchor === element && {
            ...pressed.place,
            ...(stuck.get(element) && { fixed: true, py: pressed.y }),
          }),
      },
    };
    for (const work of works) context.guard(work)(hit, event);
  };
  const see = ({ event, box }: Kept): void => {
    const anchor = anchorOf(event);
    if (event.type !== 'click') press(event as PointerEvent, anchor, box);
    else if (event.isTrusted) click(event as PointerEvent, anchor);
  };
  for (const type of ['pointerdown', 'click'])
    context.on(window, type, (event: Event) => see({ event }), { capture: true });

  return (work, past) => {
    works.add(work);
    if (past) context.kept.filter(({ event }) => /click|pointer/.test(event.type)).forEach(see);
    return () => works.delete(work);
  };
};
