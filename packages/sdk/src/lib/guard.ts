/** Wraps a callback so that nothing of ours is ever thrown into the host page. */
export type Guard = <A extends unknown[], R>(work: (...args: A) => R) => (...args: A) => R | undefined;

/** @param failed told each error; counted in `stats()`, never shown */
export const createGuard =
  (failed: (reason: unknown) => void): Guard =>
  (work) =>
  (...args) => {
    try {
      return work(...args);
    } catch (reason) {
      failed(reason);
      return undefined;
    }
  };
