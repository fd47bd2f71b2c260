import { bare } from './address.js';

const FRAMES = 20;
const LENGTH = 160;

/**
 * Chrome: `at name (address:line:column)`, Firefox and Safari: `name@address:line:column`. With bounds, because a message
 * of a megabyte stands before the frames.
 */
const FRAME = /^(?: *at (?:async )?(?:(.{1,200}?) \()?|(.{0,200}?)@)(.{1,1000}?)(:\d+:\d+)\)?$/gm;

/** At most 20 frames `name (path:line:column)`, innermost first; addresses without origin of this page and query. */
export const framesOf = (stack: unknown): string[] =>
  [...String(stack).matchAll(FRAME)].slice(0, FRAMES).map(([, inner, outer, address, position]) => {
    const name = inner || outer;
    const place = bare(address!.replace(location.origin, '')) + position;
    return (name ? `${name} (${place})` : place).slice(0, LENGTH);
  });
