import type { RowIdentity } from './buffer.js';

/** Duplicate bits live in pages of 4,096 sequence numbers of one stream. */
const PAGE_BITS = 12;
export const PAGE_SIZE = 1 << PAGE_BITS;

/** Widest run: Lua's numbers are exact to 53 bits, BITFIELD's unsigned fields go to 63. */
const RUN_BITS = 32;

/** Neighbouring sequence numbers of one page: one BITFIELD operation instead of one SETBIT a row. */
export interface Run {
  /** Index into `Claim.pages`. */
  page: number;
  /** First bit in the page, 0…4095. */
  offset: number;
  /** 1…32 bits. */
  width: number;
  /** Position in the unit of each bit. */
  positions: number[];
}

/** What a unit asks of the duplicate bits. */
export interface Claim {
  /** 17 bytes each: the stream's UUID, then `seq >> 12`. */
  pages: Buffer[];
  runs: Run[];
  /** Positions that repeat an earlier one of the same unit. */
  repeats: number[];
}

interface Page {
  key: Buffer;
  bits: { bit: number; position: number }[];
}

const pageKey = (stream: string, page: number): Buffer => {
  const key = Buffer.allocUnsafe(17);
  key.write(stream.replaceAll('-', ''), 0, 16, 'hex');
  key[16] = page;
  return key;
};

const runsOf = (page: number, bits: Page['bits'], repeats: number[]): Run[] => {
  bits.sort((a, b) => a.bit - b.bit || a.position - b.position);
  const runs: Run[] = [];
  let previous = -2;
  for (const { bit, position } of bits) {
    const run = runs.at(-1);
    if (bit === previous) repeats.push(position);
    else if (run && bit === previous + 1 && run.width < RUN_BITS) {
      run.width += 1;
      run.positions.push(position);
    } else runs.push({ page, offset: bit, width: 1, positions: [position] });
    previous = bit;
  }
  return runs;
};

/** Groups a unit's rows by page and by runs of neighbouring numbers. */
export const claimOf = (identities: readonly RowIdentity[]): Claim => {
  const pages = new Map<string, Page>();
  let name = '';
  let current: Page | undefined;
  identities.forEach(({ stream, seq }, position) => {
    const number = seq >> PAGE_BITS;
    const next = number === 0 ? stream : `${stream}/${number}`;
    if (next !== name || !current) {
      name = next;
      current = pages.get(name);
      if (!current) pages.set(name, (current = { key: pageKey(stream, number), bits: [] }));
    }
    current.bits.push({ bit: seq & (PAGE_SIZE - 1), position });
  });
  const repeats: number[] = [];
  const runs = [...pages.values()].flatMap(({ bits }, index) => runsOf(index, bits, repeats));
  return { pages: [...pages.values()].map(({ key }) => key), runs, repeats: repeats.sort((a, b) => a - b) };
};

/** Positions of a run whose bit was set before. @param old the field's former value; its first bit is the highest */
export const takenPositions = (run: Run, old: number): number[] =>
  run.positions.filter((_, index) => Math.floor(old / 2 ** (run.width - 1 - index)) % 2 === 1);

/** Sets a run in a bitmap, highest bit of a byte first as Redis counts them. */
export const setBits = (bitmap: Buffer, { offset, width }: Pick<Run, 'offset' | 'width'>): void => {
  for (let bit = offset; bit < offset + width; bit += 1) bitmap[bit >> 3]! |= 0x80 >> (bit & 7);
};

export const hasBit = (bitmap: Buffer, bit: number): boolean =>
  ((bitmap[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;

/** Runs of a bitmap. */
export const runsOfBitmap = (bitmap: Buffer): Pick<Run, 'offset' | 'width'>[] => {
  const runs: Pick<Run, 'offset' | 'width'>[] = [];
  for (let bit = 0; bit < bitmap.length * 8; bit += 1) {
    if (!hasBit(bitmap, bit)) continue;
    const run = runs.at(-1);
    if (run && run.offset + run.width === bit && run.width < RUN_BITS) run.width += 1;
    else runs.push({ offset: bit, width: 1 });
  }
  return runs;
};

/** Runs of each page of a claim. */
export const runsByPage = ({ pages, runs }: Claim): Run[][] => {
  const byPage: Run[][] = pages.map(() => []);
  for (const run of runs) byPage[run.page]!.push(run);
  return byPage;
};
