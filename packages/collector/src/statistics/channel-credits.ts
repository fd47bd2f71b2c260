/** What each channel brought, by its number: a bootstrap looks up no name. */
export interface NumberedCredit {
  conversions: Float64Array;
  value: Float64Array;
}

/** A model of the same journeys again and again, with other outcomes each time. */
export interface Crediting<Outcome, Result> {
  /** Their places are their numbers. */
  channels: readonly string[];
  credit: (outcome: Outcome) => Result;
}

/** Channels by number: `ways[i]` is what the i-th path goes through. */
export const numbered = (
  paths: readonly (readonly string[])[],
): { channels: string[]; ways: Uint32Array[] } => {
  const numbers = new Map<string, number>();
  const ways = paths.map((path) =>
    Uint32Array.from(path, (channel) => {
      const known = numbers.get(channel);
      if (known !== undefined) return known;
      numbers.set(channel, numbers.size);
      return numbers.size - 1;
    }),
  );
  return { channels: [...numbers.keys()], ways };
};

export const byName = (channels: readonly string[], values: Float64Array): Record<string, number> =>
  Object.fromEntries(channels.map((channel, i) => [channel, values[i]!]));
