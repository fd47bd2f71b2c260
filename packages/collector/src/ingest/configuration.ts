import { hash64 } from './hash.js';
import { remembered } from './lru.js';

/** Visitors come back to the same configurations, and most look at the popular ones. */
const hashes = remembered(10_000, hash64);

export interface Parts {
  /** Decimal text of a UInt64: equal configurations have equal hashes, whatever order they were written in. */
  hash: string;
  /** Group → option; several options of a group are joined by a comma, in order. */
  parts: Readonly<Record<string, string>>;
}

const joined = (options: Readonly<Record<string, string | readonly string[]>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(options).map(([group, chosen]) => [
      group,
      typeof chosen === 'string' ? chosen : [...chosen].sort().join(','),
    ]),
  );

/**
 * Content address of a configuration: first 8 bytes of SHA-256 over its sorted `group=option` pairs. The model is a
 * pair like any other: two houses with the same floor are two configurations.
 */
export const partsOf = (
  model: string,
  options: Readonly<Record<string, string | readonly string[]>>,
): Parts => {
  const pairs: string[] = model === '' ? [] : [`model=${model}`];
  let single = true;
  for (const group of Object.keys(options)) {
    const chosen = options[group]!;
    if (typeof chosen === 'string') pairs.push(`${group}=${chosen}`);
    else {
      single = false;
      for (const option of chosen) pairs.push(`${group}=${option}`);
    }
  }
  return {
    hash: hashes(pairs.sort().join('\n')),
    parts: single ? (options as Readonly<Record<string, string>>) : joined(options),
  };
};
