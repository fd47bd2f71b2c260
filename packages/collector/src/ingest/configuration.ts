import { hash64 } from './hash.js';
import { remembered } from './lru.js';

/** Visitors come back to the same configurations, and most look at the popular ones. */
const hashes = remembered(10_000, hash64);

export interface Parts {
  /** Decimal text of a UInt64: equal configurations have equal hashes, whatever order they were written in. */
  hash: string;
  /** Group → option; several options of a group are joined by a comma, in order. */
  parts: Record<string, string>;
}

/**
 * Content address of a configuration: first 8 bytes of SHA-256 over its sorted `group=option` pairs. The model is a
 * pair like any other: two houses with the same floor are two configurations.
 */
export const partsOf = (
  model: string,
  options: Readonly<Record<string, string | readonly string[]>>,
): Parts => {
  const pairs: string[] = model === '' ? [] : [`model=${model}`];
  const parts: [string, string][] = [];
  for (const [group, chosen] of Object.entries(options)) {
    const all = typeof chosen === 'string' ? [chosen] : [...chosen].sort();
    parts.push([group, all.join(',')]);
    for (const option of all) pairs.push(`${group}=${option}`);
  }
  return { hash: hashes(pairs.sort().join('\n')), parts: Object.fromEntries(parts) };
};
