import type { CaptureContext } from './context.js';

/** Runs before the original, and may change its arguments; → what is to be done with the result. */
type Before<T> = (self: T, args: unknown[]) => ((result: never) => void) | void;

/**
 * Puts a function of ours before one of the page's. The original always runs, whatever ours does.
 * @returns what ends it: the original is put back unless somebody patched ours, which then only passes on
 */
export const patch = <T extends object>(
  { guard }: Pick<CaptureContext, 'guard'>,
  host: T,
  name: keyof T,
  before: Before<T>,
): (() => void) => {
  const original = host[name] as (...args: unknown[]) => unknown;
  let ended = false;
  const own = function (this: T, ...args: unknown[]): unknown {
    let after: ReturnType<Before<T>>;
    if (!ended) guard(() => void (after = before(this, args)))();
    const result = original.apply(this, args);
    if (after!) guard(after)(result as never);
    return result;
  };
  host[name] = own as T[keyof T];
  return () => {
    ended = true;
    if (host[name] === own) host[name] = original as T[keyof T];
  };
};
