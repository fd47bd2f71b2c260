/**
 * Builders of elements. Nothing here parses HTML, so the page runs under `require-trusted-types-for 'script'`
 * without a policy of its own.
 */
export type Child = Node | string | null | undefined | false;
type Handler = (event: never) => void;
export type Props = Record<string, string | number | boolean | null | undefined | Handler>;

const apply = <E extends Element>(element: E, props: Props, children: readonly Child[]): E => {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
};

/** An HTML element; a function among `props` listens to the event of that name. */
export const h = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] => apply(document.createElement(tag), props, children);

/** An SVG element. */
export const s = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] =>
  apply(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);
