import type { SealedPart } from '../buffer/buffer.js';

const DAY_MS = 86_400_000;

/**
 * Days (`YYYY-MM-DD`, UTC) of a part that are over: a roll-up may hold them already, so they turn dirty.
 * @param now epoch ms
 */
export const finishedDays = ({ lane, days }: Pick<SealedPart, 'lane' | 'days'>, now: number): string[] => {
  if (lane.table !== 'events' || lane.month === '') return [];
  const today = new Date(Math.floor(now / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
  const month = `${lane.month.slice(0, 4)}-${lane.month.slice(4)}`;
  return Array.from({ length: 31 }, (_, index) => index)
    .filter((index) => (days & (1 << index)) !== 0)
    .map((index) => `${month}-${String(index + 1).padStart(2, '0')}`)
    .filter((day) => day < today);
};
