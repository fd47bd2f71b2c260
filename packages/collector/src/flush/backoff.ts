/** First and longest mean of the waits, ms. */
const FIRST_MS = 200;
const LONGEST_MS = 30_000;

/**
 * Full jitter: anything from 0 to a bound that doubles with every failure in a row.
 * Source: Brooker (2015), "Exponential backoff and jitter"
 * @param failures in a row, integer ≥ 0   @returns ms, below 30,000
 */
export const backoffMs = (failures: number, random: () => number): number =>
  random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 20));

/** Resolves after `ms`, or at once when `signal` fires; never rejects. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
