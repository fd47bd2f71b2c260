/** Differences of clocks below this are the network's. */
const TOLERATED_MS = 2000;
const DAY_MS = 86_400_000;

export interface EventTime {
  /** Corrected, epoch ms, at most `received`. */
  ts: number;
  /** Client's clock minus `ts`. */
  skewMs: number;
}

/**
 * When an event happened by the server's clock: the client's time, moved by what its clock was off when it sent, never
 * later than its arrival.
 * @param ageDays older ones are refused (null), so a forged clock cannot open old partitions
 */
export const eventTime = (
  at: number,
  sentAt: number,
  received: number,
  ageDays: number,
): EventTime | null => {
  const difference = received - sentAt;
  const moved = Math.abs(difference) >= TOLERATED_MS ? at + difference : at;
  const ts = Math.min(moved, received);
  return ts < received - ageDays * DAY_MS ? null : { ts, skewMs: at - ts };
};
