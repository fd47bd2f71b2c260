import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until the answer is something; resolves to it.
 * @param deadlineMs only keeps a broken system from holding up the run; no test asserts it
 */
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
    await sleep(50);
  }
};
