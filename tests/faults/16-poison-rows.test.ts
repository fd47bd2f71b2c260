import { createHash } from 'node:crypto';
import { expect } from 'chai';
import {
  countEvents,
  openPipeline,
  startDatabase,
  until,
  type TestDatabase,
} from '../../packages/collector/test/flush/support/pipeline.js';
import { aUnit, rowJson, type RowWish } from '../../packages/collector/test/flush/support/rows.js';
import { createRandom, describeLong } from '../support/scale.js';

const ROWS = Number(process.env['LINTEL_FUZZ_ROWS'] ?? 10_000);
const UNIT = 250;

/** Streams far apart: with neighbouring ones a changed digit makes a row that another one is already, and both are right. */
const streamOf = (n: number): string => {
  const hex = createHash('sha256').update(String(n)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Ways in which a row that got past the edge may be wrong; some are not: the database decides. */
const WRONG: readonly ((wish: RowWish, random: () => number) => string)[] = [
  (wish) => rowJson({ ...wish, more: { message: 'x'.repeat(5_000_000) } }),
  (wish) => rowJson({ ...wish, more: { message: 'a\u0000b' } }),
  (wish) => rowJson({ ...wish, more: { message: 'x' } }).replace('"x"', '"\\ud800"'),
  (wish) => rowJson({ ...wish, more: { seq: 'no number' } }),
  (wish) => rowJson({ ...wish, more: { stream: 'no uuid' } }),
  (wish) => rowJson({ ...wish, more: { consent: 'perhaps' } }),
  (wish) => rowJson({ ...wish, more: { props: { a: { b: 1 } } } }),
  (wish) => rowJson({ ...wish, more: { box: [1, 'two'] } }),
  (wish) => rowJson({ ...wish, more: { unknown_column: 1 } }),
  (wish) => rowJson({ ...wish, more: { ts: 'yesterday' } }),
  (wish, random) => {
    const text = rowJson(wish);
    return text.slice(0, 1 + Math.floor(random() * (text.length - 2)));
  },
  // but the time: the edge makes it, and a year far off falls under the retention, which takes the row away again
  (wish, random) => {
    const text = rowJson(wish);
    const [time = ''] = /"ts":"[^"]*"/.exec(text) ?? [];
    const place = Math.floor(random() * (text.length - time.length));
    const at = place < text.indexOf(time) ? place : place + time.length;
    return text.slice(0, at) + String.fromCharCode(32 + Math.floor(random() * 95)) + text.slice(at + 1);
  },
];

describeLong('16 poison rows', () => {
  let database: TestDatabase;

  before(async () => {
    database = await startDatabase();
  });
  after(async () => {
    await database.stop();
  });

  it(`stores or keeps every one of ${ROWS} rows, half of them damaged`, async () => {
    const random = createRandom(16);
    const pipeline = await openPipeline({
      database,
      intervalMs: 20,
      limits: { rows: 5000, bytes: 8_000_000 },
    });
    const { buffer, flusher, ledger, log } = pipeline;
    try {
      for (let first = 0; first < ROWS; first += UNIT) {
        const wishes = Array.from({ length: UNIT }, (_, n) => ({ stream: streamOf(first + n), seq: 0 }));
        const raw = wishes.map((wish, n) => {
          if (random() < 0.5) return rowJson(wish);
          // the 5 MB row once: it is about memory, not about chance
          const way = first === 0 && n === 0 ? 0 : 1 + Math.floor(random() * (WRONG.length - 1));
          return WRONG[way]!(wish, random).replaceAll('\n', ' ');
        });
        await buffer.append(0, aUnit(wishes, { raw }));
      }
      flusher.start();
      await until('all rows have left the buffer', async () => (await buffer.depth()).rows === 0, 3_000_000);
      const { rows, doubled } = await countEvents(database);
      // a damaged line may name another site: all sites together hold what was appended
      const all = await ledger.read();
      const sum = (of: 'stored' | 'deadLettered'): number => all.reduce((total, row) => total + row[of], 0);
      process.stdout.write(`    ${sum('stored')} stored, ${sum('deadLettered')} kept\n`);
      expect(doubled).to.equal(0);
      expect(log.of('flush.partial')).to.be.empty;
      expect(sum('stored') + sum('deadLettered')).to.equal(ROWS);
      expect(rows).to.be.at.least(ROWS / 3);
    } finally {
      await pipeline.stop();
    }
  });
});
