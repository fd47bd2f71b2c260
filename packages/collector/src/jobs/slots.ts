import { DateTime } from 'luxon';

/** When a job is due. Local rules belong to a site: its day of 23 or 25 hours still has exactly one slot. */
export type SlotRule =
  | { kind: 'every'; minutes: number }
  | { kind: 'day' | 'week' | 'month'; hour: number; minute: number; zone: string; site: number };

/** One planned run. `id` is its identity for ever; `at` its UTC instant in epoch ms. */
export interface Slot {
  id: string;
  at: number;
  /** Local rules only: the site and its local date. */
  site?: number;
  date?: string;
}

const MINUTE_MS = 60_000;

const everySlots = (minutes: number, after: number, until: number): Slot[] => {
  const step = minutes * MINUTE_MS;
  const slots: Slot[] = [];
  for (let at = (Math.floor(after / step) + 1) * step; at <= until; at += step)
    slots.push({ id: new Date(at).toISOString(), at });
  return slots;
};

const localSlots = (rule: Extract<SlotRule, { hour: number }>, after: number, until: number): Slot[] => {
  const slots: Slot[] = [];
  const unit = rule.kind;
  // one unit early: the slot of a local day may lie after `after` although the day began before it
  let start = DateTime.fromMillis(after, { zone: rule.zone }).startOf(unit);
  while (start.toMillis() <= until) {
    // a time that the clock skips becomes the next one that exists, a doubled one is taken once (the first)
    const at = start.set({ hour: rule.hour, minute: rule.minute }).toMillis();
    const date = start.toISODate()!;
    if (at > after && at <= until) slots.push({ id: `${rule.site}:${date}`, at, site: rule.site, date });
    start = start.plus({ [unit]: 1 }).startOf(unit);
  }
  return slots;
};

/**
 * Slots in `(after, until]`, oldest first. Weeks begin on Mondays.
 * @param after epoch ms   @param until epoch ms
 */
export const slotsBetween = (rule: SlotRule, after: number, until: number): Slot[] =>
  rule.kind === 'every' ? everySlots(rule.minutes, after, until) : localSlots(rule, after, until);
