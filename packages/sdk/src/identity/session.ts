const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 24 * 3_600_000;
/** How often activity is written down. */
export const TOUCH_MS = 60_000;

export interface Session {
  id: string;
  startedAt: number;
  lastAt: number;
}

/**
 * The session that goes on, or a new one after 30 idle minutes or 24 hours.
 * @param fresh id for a new one
 */
export const nextSession = (old: Session | undefined, now: number, fresh: string): Session =>
  old && now - old.lastAt < IDLE_MS && now - old.startedAt < LONGEST_MS
    ? { ...old, lastAt: Math.max(now, old.lastAt) }
    : { id: fresh, startedAt: now, lastAt: now };
