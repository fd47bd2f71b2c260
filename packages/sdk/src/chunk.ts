import type { Late } from './late.js';

/** A chunk hands itself over on its own script element: no global name, nothing to collide with. */
export type ChunkElement = HTMLScriptElement & { lintel?: Late };

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

export interface ChunkSource {
  url: string;
  integrity: string;
}

/**
 * Loads chunks by script elements with their hashes and the nonce of our own tag. Under Trusted Types the policy
 * `lintel` passes exactly these addresses.
 */
export const chunkLoader = (
  sources: readonly ChunkSource[],
  nonce: string,
): ((source: ChunkSource) => Promise<Late>) => {
  const check = (url: string): string => {
    if (sources.some((source) => source.url === url)) return url;
    throw TypeError(url);
  };
  let policy: Policy | undefined;
  const loaded = new Map<string, Promise<Late>>();
  const load = ({ url, integrity }: ChunkSource): Promise<Late> =>
    new Promise((resolve, reject) => {
      // here, so that a site which does not allow the policy goes without chunks, and with the core
      policy ??= (globalThis as Host).trustedTypes?.createPolicy('lintel', { createScriptURL: check });
      const element: ChunkElement = document.createElement('script');
      element.src = policy ? policy.createScriptURL(url) : check(url);
      Object.assign(element, { integrity, nonce, crossOrigin: 'anonymous', async: true });
      element.onload = () => {
        element.remove();
        if (element.lintel) resolve(element.lintel);
        else reject(new Error(url));
      };
      element.onerror = () => {
        element.remove();
        reject(new Error(url));
      };
      document.head.append(element);
    });
  return (source) => {
    let part = loaded.get(source.url);
    if (!part) {
      loaded.set(source.url, (part = load(source)));
      // an outage is no reason to do without it for ever
      part.catch(() => loaded.delete(source.url));
    }
    return part;
  };
};
