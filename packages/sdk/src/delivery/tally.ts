import type { Stats } from '../types.js';

/** What was numbered and sent, what came of it and what it cost: the part of `stats()` that is counted. */
export type Tally = Pick<
  Stats,
  | 'generated'
  | 'acked'
  | 'retries'
  | 'lastStatus'
  | 'lastAckAt'
  | 'roundTripMs'
  | 'sentBytes'
  | 'ownMs'
  | 'ownLongFrames'
  | 'faults'
>;
export const newTally = (): Tally => ({
  generated: 0,
  acked: 0,
  retries: 0,
  lastStatus: 0,
  lastAckAt: null,
  roundTripMs: 0,
  sentBytes: 0,
  ownMs: 0,
  ownLongFrames: 0,
  faults: 0,
});
