/** Runs at most `most` of the given tasks at the same time, in the order they came. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

export const createLimit = (most: number): Limit & { readonly active: number } => {
  const waiting: (() => void)[] = [];
  let active = 0;
  const limit = async <T>(task: () => Promise<T>): Promise<T> => {
    if (active >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else active++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // the place is handed on, not freed: otherwise a newcomer could take it in between
      if (next) next();
      else active--;
    }
  };
  return Object.defineProperty(limit, 'active', { get: () => active }) as Limit & { readonly active: number };
};
