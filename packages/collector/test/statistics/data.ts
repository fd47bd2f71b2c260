import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const folder = new URL('../../../../tests/data/', import.meta.url);

/** Lines of a reference file (tests/data/README.md), without empty ones. Blanks stay: `cream cheese ` is an item. */
export const linesOf = (file: string): string[] =>
  gunzipSync(readFileSync(new URL(`${file}.gz`, folder)))
    .toString('utf8')
    .split('\n')
    .map((line) => line.replace('\r', ''))
    .filter((line) => line.trim() !== '');

const cells = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"]|"")*)"|([^,]+)|(?<=,)(?=,|$)/g)].map((match) => match[1] ?? match[2] ?? '');

/** Rows of a comma-separated reference file with a header. */
export const rowsOf = (file: string): Record<string, string>[] => {
  const [header, ...lines] = linesOf(file);
  const names = cells(header!);
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, i) => [names[i]!, cell])));
};

/** Days since 1970 of YYYYMMDD. */
export const dayOf = (date: string): number =>
  Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8))) / 86_400_000;
