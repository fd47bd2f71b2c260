import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { MINUTE_MS } from './canary-sender.js';
import type { Metrics } from './metrics.js';

/** What is known of the canary; null before the first one was seen. */
export interface CanaryState {
  /** When the newest one that was seen had been sent, epoch ms. */
  lastSeen: number | null;
  /** Age at which it was seen first; more once the next one is overdue, since that is older than this by now. */
  visibleLagSeconds: number | null;
  /** Since it was sent: up to a minute and the lag, when all is well. */
  ageSeconds: number | null;
}

export interface CanaryWatch {
  start(): void;
  stop(): void;
  state(): CanaryState;
  /** Brings the gauges up to date. */
  refresh(): void;
}

export interface CanaryWatchOptions {
  /** Rows of the view `canary`: when each was sent, epoch ms. */
  read: (range: { from: number; to: number }) => Promise<{ sent: number }[]>;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'visibleLag' | 'canaryAge'>;
  /** One that was sent before may have been seen before: it has no lag. Epoch ms. @default now */
  since?: number;
}

/** While one is due, and once it is late: a look costs a few milliseconds of the database. */
const LOOK_MS = 500;
const LATE_LOOK_MS = 5000;
const LATE_MS = 15_000;
/** From the full minute to the first look. */
const HEAD_START_MS = 250;
const DAY_MS = 86_400_000;
const CANARY = { site: '_canary' };
/** Clocks of other hosts. */
const AHEAD_MS = 3_600_000;

/**
 * Looks for the canary of each minute from its beginning on until it is there, asking as a dashboard does. It never ends
 * a process and tells nobody: the gauges do.
 */
export const watchCanary = ({
  read,
  clock,
  log,
  metrics,
  since: startedAt = clock.now(),
}: CanaryWatchOptions): CanaryWatch => {
  let lastSeen: number | null = null;
  let lagMs: number | null = null;
  /** Why the last look failed; said once. */
  let reason: string | null = null;
  let stopped = true;
  let timer: NodeJS.Timeout | undefined;

  const state = (): CanaryState => {
    const age = lastSeen === null ? null : Math.max(0, clock.now() - lastSeen);
    const overdue = age === null ? null : age - MINUTE_MS;
    const lag = overdue !== null && overdue > (lagMs ?? 0) ? overdue : lagMs;
    return {
      lastSeen,
      visibleLagSeconds: lag === null ? null : lag / 1000,
      ageSeconds: age === null ? null : age / 1000,
    };
  };

  const refresh = (): void => {
    const { visibleLagSeconds, ageSeconds } = state();
    if (visibleLagSeconds !== null) metrics.visibleLag.set(CANARY, visibleLagSeconds);
    if (ageSeconds !== null) metrics.canaryAge.set(CANARY, ageSeconds);
  };

  const look = async (): Promise<void> => {
    const asked = clock.now();
    const from = lastSeen === null ? asked - DAY_MS : lastSeen + 1;
    const rows = await read({ from, to: asked + AHEAD_MS });
    const now = clock.now();
    // the worst of those that appear together: after an outage the oldest has waited longest
    const fresh = rows.map(({ sent }) => sent).filter((sent) => sent >= startedAt);
    if (fresh.length > 0) lagMs = Math.max(0, now - Math.min(...fresh));
    for (const { sent } of rows) lastSeen = Math.max(lastSeen ?? 0, sent);
    refresh();
  };

  const untilNextLook = (): number => {
    const now = clock.now();
    const sinceMinute = now % MINUTE_MS;
    if (lastSeen !== null && lastSeen >= now - sinceMinute) return MINUTE_MS - sinceMinute + HEAD_START_MS;
    return now - Math.max(startedAt, now - sinceMinute) > LATE_MS ? LATE_LOOK_MS : LOOK_MS;
  };

  const turn = async (): Promise<void> => {
    try {
      await look();
      reason = null;
    } catch (error) {
      const { message } = error as Error;
      if (message !== reason) log.info('canary.not_looked', { error: message });
      reason = message;
    }
    if (!stopped) timer = setTimeout(() => void turn(), untilNextLook()).unref();
  };

  return {
    start: () => {
      if (!stopped) return;
      stopped = false;
      void turn();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
    state,
    refresh,
  };
};
