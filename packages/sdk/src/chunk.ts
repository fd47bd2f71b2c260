import type { Late } from './late.js';

/** A chunk hands itself over on its own script element: no global name, nothing to collide with. */
type ChunkElement = HTMLScriptElement & { lintel?: Late; kit?: readonly unknown[] };

/** Called by a chunk while it is evaluated. */
export const handOver = (part: Late): void => {
  (document.currentScript as ChunkElement).lintel = part;
};

interface Policy {
  createScriptURL(name: string): string;
}
type Host = typeof globalThis & {
  trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
};

/**
 * Loads chunks by script elements with their hashes and the nonce of our own tag. Under Trusted Types the policy
 * `lintel` makes exactly their addresses.
 * @param hashes by file; a chunk may bring more   @param base address of a file next to them   @param kit what the chunks take from the core
 */
export const chunkLoader = (
  hashes: Record<string, string>,
  base: string,
  nonce: string,
  kit: readonly unknown[],
): ((name: string) => Promise<Late>) => {
  let policy: Policy | undefined;
  const rules: Policy = {
    createScriptURL(name) {
      if (!hashes[name]) throw TypeError(name);
      return new URL(name, base).href;
    },
  };
  /** A chunk is evaluated once, however often a client starts anew. */
  const parts: Record<string, Promise<Late> | undefined> = {};
  return (name) =>
    (parts[name] ??= new Promise((resolve, reject) => {
      const fail = (): void => {
        // an outage is no reason to do without it for ever
        parts[name] = undefined;
        reject(TypeError(name));
      };
      // here, so that a site which does not allow the policy goes without chunks, and with the core
      policy ??= (globalThis as Host).trustedTypes?.createPolicy('lintel', rules) ?? rules;
      const element: ChunkElement = Object.assign(document.createElement('script'), {
        src: policy.createScriptURL(name),
        integrity: hashes[name],
        nonce,
        kit,
        crossOrigin: 'anonymous',
        onload() {
          const { lintel: part } = element;
          if (!part) return fail();
          // a chunk whose hash was right may be believed about the next one
          Object.assign(hashes, part.next);
          resolve(part);
        },
        onerror: fail,
      });
      document.head.append(element);
      element.remove();
    }));
};
