type Callback<A extends unknown[]> = (...args: A) => void;
/** Wraps a callback so that nothing of ours is ever thrown into the host page. */
export type Guard = <A extends unknown[]>(work: Callback<A>) => Callback<A>;

/** @param failed told each error; counted in `stats()`, never shown */
export const createGuard =
  (failed: (reason: unknown) => void): Guard =>
  (work) =>
  (...args) => {
    try {
      work(...args);
    } catch (reason) {
      failed(reason);
    }
  };
