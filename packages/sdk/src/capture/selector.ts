const STEPS = 4;
const LENGTH = 200;
/** Ids that a framework makes up at each render: hexadecimal, long numbers, React's `:r1:`. */
const GENERATED = /^[\da-f-]{8,}$|\d{4}|[:«]r/i;

const quoted = (text: string): string => text.replace(/["\\]/g, '\\$&');

/** A name that survives a redesign, where the site gave one. */
const nameOf = (element: Element): string | null => {
  const logical = element.getAttribute('data-lintel');
  if (logical) return `[data-lintel="${quoted(logical)}"]`;
  const { id } = element;
  return id && !GENERATED.test(id) ? `#${CSS.escape(id)}` : null;
};

const step = (element: Element): string => {
  const tag = element.localName;
  let place = 1;
  for (let other = element.previousElementSibling; other; other = other.previousElementSibling)
    if (other.localName === tag) place++;
  return `${tag}:nth-of-type(${place})`;
};

const above = (element: Element): Element | null =>
  element.parentElement ?? (element.getRootNode() as Partial<ShadowRoot>).host ?? null;

/** `[data-lintel]`, else `#id`, else at most four `tag:nth-of-type` from the nearest of those. */
export const selectorOf = (element: Element): string => {
  const steps: string[] = [];
  for (let at: Element | null = element; at && steps.length <= STEPS; at = above(at)) {
    const name = nameOf(at);
    if (name) {
      steps.unshift(name);
      break;
    }
    if (steps.length === STEPS) break;
    steps.unshift(step(at));
  }
  return steps.join('>').slice(0, LENGTH);
};

/** The nearest ancestor that matches, through the roots of shadow trees. */
export const nearest = (element: Element | null, selector: string): Element | null => {
  for (let at = element; at;) {
    const found = at.closest(selector);
    if (found) return found;
    at = (at.getRootNode() as Partial<ShadowRoot>).host ?? null;
  }
  return null;
};
