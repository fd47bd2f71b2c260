import type { Lintel, Stats } from './types.js';

const NUMBERS =
  'generated acked waiting waitingBytes retries lastStatus roundTripMs sentBytes ownMs ownLongFrames faults';
const CALLS = 'track set page ready select price config inquiry identify reset variant error';

const zero = (): Stats =>
  ({
    ...Object.fromEntries(NUMBERS.split(' ').map((name) => [name, 0])),
    stream: '',
    level: 'off',
    dropped: {},
    storage: 'memory',
    lastAckAt: null,
  }) as unknown as Stats;

/** What a server, or a browser too old, gets: everything can be called, nothing happens. */
export const inertClient = (): Lintel => {
  const nothing = (): void => {};
  const calls = Object.fromEntries(CALLS.split(' ').map((name) => [name, nothing]));
  return {
    ...(calls as unknown as Lintel),
    visitor: () => null,
    consent: ((level?: unknown) => (level === undefined ? 'off' : Promise.resolve())) as Lintel['consent'],
    experiment: () => Promise.resolve('control'),
    observe: () => nothing,
    flush: () => Promise.resolve(zero()),
    stats: zero,
    shutdown: () => Promise.resolve(),
  };
};
