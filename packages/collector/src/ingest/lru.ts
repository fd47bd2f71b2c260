/** A bounded memory of answers: what was not asked for longest goes first. */
export const createLru = <K, V>(limit: number): { get(key: K): V | undefined; set(key: K, value: V): V } => {
  // Two generations: as good as a list of uses for this purpose, and a hit is one look-up without a write.
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  const set = (key: K, value: V): V => {
    young.set(key, value);
    if (young.size >= limit / 2) {
      old = young;
      young = new Map();
    }
    return value;
  };
  return {
    get: (key) => {
      const value = young.get(key);
      if (value !== undefined) return value;
      const older = old.get(key);
      return older === undefined ? undefined : set(key, older);
    },
    set,
  };
};

/** `compute` behind a bounded memory. */
export const remembered = <V>(limit: number, compute: (key: string) => V): ((key: string) => V) => {
  const memory = createLru<string, V>(limit);
  return (key) => memory.get(key) ?? memory.set(key, compute(key));
};
