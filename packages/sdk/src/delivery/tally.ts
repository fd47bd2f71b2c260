/** What was sent and what came of it; part of `stats()`. */
export interface Tally {
  acked: number;
  retries: number;
  lastStatus: number;
  lastAckAt: number | null;
  roundTripMs: number;
  sentBytes: number;
}
export const newTally = (): Tally => ({
  acked: 0,
  retries: 0,
  lastStatus: 0,
  lastAckAt: null,
  roundTripMs: 0,
  sentBytes: 0,
});
