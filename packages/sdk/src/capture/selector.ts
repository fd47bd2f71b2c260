const STEPS = 4;
const LENGTH = 200;
/** Ids that a framework makes up at each render: hexadecimal, long numbers, React's `:r1:`. */
const GENERATED = /^[\da-f-]{8,}$|\d{4}|[:«]r/i;

/** A name that survives a redesign, where the site gave one. */
const nameOf = (element: Element): string | undefined => {
  const logical = element.getAttribute('data-lintel');
  if (logical) return `[data-lintel="${logical.replace(/["\\]/g, '\\$&')}"]`;
  // not the property, which a field of that name hides in a form
  const id = element.getAttribute('id');
  return id && !GENERATED.test(id) ? `#${CSS.escape(id)}` : undefined;
};

const step = (element: Element): string => {
  const tag = element.localName;
  let place = 1;
  for (let other: Element | null = element; (other = other.previousElementSibling);)
    if (other.localName === tag) place++;
  return `${tag}:nth-of-type(${place})`;
};

/** The host of the shadow tree an element is in. */
const hostOf = (element: Element): Element | undefined => (element.getRootNode() as Partial<ShadowRoot>).host;

const pathOf = (element: Element | undefined, steps: number): string[] => {
  if (!element) return [];
  const name = nameOf(element);
  if (name) return [name];
  return steps ? [...pathOf(element.parentElement ?? hostOf(element), steps - 1), step(element)] : [];
};

const known = new WeakMap<Element, string>();

/** `[data-lintel]`, else `#id`, else at most four `tag:nth-of-type` from the nearest of those. */
export const selectorOf = (element: Element): string => {
  const selector = known.get(element) ?? pathOf(element, STEPS).join('>').slice(0, LENGTH);
  known.set(element, selector);
  return selector;
};

/** The nearest ancestor that matches, through the roots of shadow trees. */
export const nearest = (element: Element | undefined, selector: string): Element | null =>
  element ? (element.closest(selector) ?? nearest(hostOf(element), selector)) : null;
