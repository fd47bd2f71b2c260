import { systemClock, type Clock } from './clock.js';
import { systemRandom, type Random } from './random.js';

/** Ways out of the page; each may be missing in a browser. */
export interface Transport {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** What only a page that dies needs; looked up when it is needed. */
  last?: LastTransport;
}
export interface LastTransport {
  /** A request the browser keeps and sends when the page is gone, whatever ended it; throws over its quota. */
  later?: (url: string, init: RequestInit) => unknown;
  /** Whether `fetch` outlives the page. */
  keepalive: boolean;
  beacon(url: string, body: BodyInit): boolean;
}

/** Everything the SDK takes from the world. */
export interface Seams {
  clock: Clock;
  random: Random;
  transport: Transport;
  storage: IDBFactory | undefined;
  locks: LockManager | undefined;
  channel: ((name: string) => BroadcastChannel) | undefined;
}

/** `indexedDB` itself throws where a browser blocks storage for the frame. */
const storageOf = (): IDBFactory | undefined => {
  try {
    return indexedDB;
  } catch {
    return undefined;
  }
};

/** The seams of the browser, read when called: importing this file touches no global. */
export const browserSeams = (): Seams => {
  // kept before anybody patches it, so that our own requests are not reported by our own capture
  const { fetch, BroadcastChannel: Channel } = globalThis;
  return {
    clock: systemClock,
    random: systemRandom,
    transport: { fetch: (url, init) => fetch(url, init) },
    storage: storageOf(),
    locks: navigator.locks,
    channel: Channel && ((name) => new Channel(name)),
  };
};

type Global = typeof globalThis & { fetchLater?: (url: string, init: RequestInit) => unknown };

/** The browser's ways out of a page that dies. */
export const lastTransport = (): LastTransport => {
  const { fetchLater } = globalThis as Global;
  return {
    ...(fetchLater && { later: (url, init) => fetchLater(url, init) }),
    keepalive: 'keepalive' in Request.prototype,
    beacon: (url, body) => navigator.sendBeacon(url, body),
  };
};
