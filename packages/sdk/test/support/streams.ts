import type { Double } from './collector.js';

/** Numbers that a stream used, by its own account or its highest number, and that are not stored: none, ever. */
export const gapsOf = (double: Double): string[] => {
  const streams = new Map<string, number[]>();
  for (const key of double.stored.keys()) {
    const [stream, seq] = key.split(':') as [string, string];
    streams.set(stream, [...(streams.get(stream) ?? []), Number(seq)]);
  }
  return [...streams].flatMap(([stream, seqs]) => {
    const count = Math.max(double.ended.get(stream) ?? 0, Math.max(...seqs) + 1);
    return Array.from({ length: count }, (_, seq) => seq)
      .filter((seq) => !seqs.includes(seq))
      .map((seq) => `${stream}:${seq}`);
  });
};
