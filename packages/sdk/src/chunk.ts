import type { Late } from './late.js';

/** A chunk hands itself over on its own script element: no global name, nothing to collide with. */
type ChunkElement = HTMLScriptElement & { lintel?: Late; kit?: object };

/** Called by a chunk while it is evaluated. */
export const handOver = (part: Late): void => {
  (document.currentScript as ChunkElement).lintel = part;
};

interface Policy {
  createScriptURL(url: string): string;
}
type Host = typeof globalThis & {
  trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
};

/**
 * Loads chunks by script elements with their hashes and the nonce of our own tag. Under Trusted Types the policy
 * `lintel` passes exactly these addresses.
 * @param hashes by address   @param kit what the chunks take from the core, while they are evaluated
 */
export const chunkLoader = (
  hashes: Readonly<Record<string, string>>,
  nonce: string,
  kit: object,
): ((url: string) => Promise<Late>) => {
  const rules: Policy = {
    createScriptURL(url) {
      if (!hashes[url]) throw TypeError(url);
      return url;
    },
  };
  let policy: Policy | undefined;
  const loaded = new Map<string, Promise<Late>>();
  const load = (url: string): Promise<Late> =>
    new Promise<Late>((resolve, reject) => {
      // here, so that a site which does not allow the policy goes without chunks, and with the core
      policy ??= (globalThis as Host).trustedTypes?.createPolicy('lintel', rules) ?? rules;
      const element: ChunkElement = document.createElement('script');
      Object.assign(element, {
        src: policy.createScriptURL(url),
        integrity: hashes[url],
        nonce,
        kit,
        crossOrigin: 'anonymous',
        onload: () => (element.lintel ? resolve(element.lintel) : reject(TypeError(url))),
        onerror: reject,
      });
      document.head.append(element);
      element.remove();
    });
  return (url) => {
    const part = loaded.get(url) ?? load(url);
    loaded.set(url, part);
    // an outage is no reason to do without it for ever
    part.catch(() => loaded.delete(url));
    return part;
  };
};
