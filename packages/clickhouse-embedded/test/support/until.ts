import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is something; the deadline only keeps a broken test from waiting for ever. */
export const until = async <T>(
  what: string,
  look: () => T | Promise<T>,
  deadlineMs = 60_000,
): Promise<NonNullable<T>> => {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await sleep(20);
  }
};
