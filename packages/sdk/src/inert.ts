import type { Lintel, Stats } from './types.js';

const STATS: Stats = {
  stream: '',
  level: 'off',
  generated: 0,
  acked: 0,
  waiting: 0,
  waitingBytes: 0,
  dropped: {},
  retries: 0,
  storage: 'memory',
  lastStatus: 0,
  lastAckAt: null,
  roundTripMs: 0,
  sentBytes: 0,
  ownMs: 0,
  ownLongFrames: 0,
  faults: 0,
};

/** What a server, or a browser too old, gets: everything can be called, nothing happens. */
export const inertClient = (): Lintel => {
  const nothing = (): void => {};
  return {
    track: nothing,
    set: nothing,
    page: nothing,
    ready: nothing,
    select: nothing,
    price: nothing,
    config: nothing,
    inquiry: nothing,
    identify: nothing,
    reset: nothing,
    visitor: () => null,
    consent: ((level?: unknown) => (level === undefined ? 'off' : Promise.resolve())) as Lintel['consent'],
    experiment: () => Promise.resolve('control'),
    variant: () => undefined,
    observe: () => nothing,
    error: nothing,
    flush: () => Promise.resolve({ ...STATS }),
    stats: () => ({ ...STATS }),
    shutdown: () => Promise.resolve(),
  };
};
