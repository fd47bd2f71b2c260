/** Time as the SDK sees it; tests turn it by hand. */
export interface Clock {
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** Monotonic milliseconds since the page began. */
  tick(): number;
  /** Runs `work` after `ms`; returns the function that cancels it. */
  after(ms: number, work: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  tick: () => performance.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

export const wait = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));

/** Epoch milliseconds of a date as HTTP writes it; NaN for anything else. */
export const parseDate = (text: string): number => Date.parse(text);
