import { gzipSync } from 'node:zlib';
import type { Clock } from '../../src/lib/clock.js';
import type { Random } from '../../src/lib/random.js';
import type { LastTransport, Transport } from '../../src/lib/seams.js';

export interface FakeClock extends Clock {
  /** Turns time; timers that come due run in order, and promises settle between them. */
  pass(ms: number): Promise<void>;
  timers(): number;
}

/** Lets promises and the requests of a fake IndexedDB settle. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** A compressor without threads, so that a test's time waits for nothing outside of it. */
export class SyncCompression extends TransformStream<Uint8Array, Uint8Array> {
  constructor() {
    const chunks: Uint8Array[] = [];
    super({
      transform: (chunk) => void chunks.push(chunk),
      flush: (controller) => controller.enqueue(gzipSync(Buffer.concat(chunks))),
    });
  }
}

export const fakeClock = (startMs = 1_763_800_000_000): FakeClock => {
  let elapsed = 0;
  let timers: { at: number; work: () => void }[] = [];
  return {
    now: () => startMs + elapsed,
    tick: () => elapsed,
    after(ms, work) {
      const timer = { at: elapsed + ms, work };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    async pass(ms) {
      const end = elapsed + ms;
      await settle();
      for (;;) {
        timers.sort((p, q) => p.at - q.at);
        const next = timers[0];
        if (!next || next.at > end) break;
        timers.shift();
        elapsed = Math.max(elapsed, next.at);
        next.work();
        await settle();
      }
      elapsed = end;
      await settle();
    },
    timers: () => timers.length,
  };
};

/** Chance from a seed: the same numbers in every run. */
export const fakeRandom = (seed = 1): Random => {
  let state = seed;
  const number = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(number() * 16).toString(16)).join('');
  return { number, uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}` };
};

export interface Request {
  url: string;
  init: RequestInit;
}
export interface FakeTransport extends Transport {
  requests: Request[];
  /** Answers the next requests; a thrown error is a network that is down. */
  answer: (request: Request) => Response | Promise<Response>;
  last: LastTransport;
}

export const fakeTransport = (answer: FakeTransport['answer']): FakeTransport => {
  const transport: FakeTransport = {
    requests: [],
    answer,
    last: { keepalive: true, beacon: () => true },
    fetch: async (url, init) => {
      const request = { url, init };
      transport.requests.push(request);
      return transport.answer(request);
    },
  };
  return transport;
};

/** Web Locks of one browser, as far as the SDK asks for them: exclusive, and only if free. */
export const fakeLocks = (): LockManager => {
  const held = new Set<string>();
  const request = async (
    name: string,
    _options: LockOptions,
    work: (lock: Lock | null) => Promise<unknown>,
  ): Promise<unknown> => {
    if (held.has(name)) return work(null);
    held.add(name);
    try {
      return await work({ name, mode: 'exclusive' });
    } finally {
      held.delete(name);
    }
  };
  return { request, query: () => Promise.resolve({ held: [], pending: [] }) } as unknown as LockManager;
};
