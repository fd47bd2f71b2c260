import type { Suite } from 'mocha';

/** `npm run test:faults` walks everything; `npm test` takes a sample of the same tests. */
export const EVERYTHING = process.env['LINTEL_FAULTS'] === 'all';

/** How much of a test is run: `sample` in `npm test`, `all` in `npm run test:faults`. */
export const scaled = (sample: number, all: number): number => (EVERYTHING ? all : sample);

/** A suite that only `npm run test:faults` runs: too long for every commit. */
export const describeLong = (title: string, suite: (this: Suite) => void): void => {
  (EVERYTHING ? describe : describe.skip)(title, suite);
};

/** Seeded, so that a run can be repeated as far as processes allow. Source: Park & Miller (1988). */
export const createRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};
