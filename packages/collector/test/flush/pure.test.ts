import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import type { SealedPart } from '../../src/buffer/buffer.js';
import { BufferUnavailable, ClickHouseError, ClickHouseUnreachable, StaleFence } from '../../src/errors.js';
import { backoffMs } from '../../src/flush/backoff.js';
import { finishedDays } from '../../src/flush/days.js';
import { classify } from '../../src/flush/failure.js';
import { eventSettings, insertEvents, tokenOf } from '../../src/flush/insert-statement.js';
import { createLimit } from '../../src/flush/limit.js';
import { memberLines, rowHead, withoutRows } from '../../src/flush/members.js';
import { createPace } from '../../src/flush/pace.js';
import { cutDead, cutKnown, halves, keptRows } from '../../src/flush/part-edits.js';
import { replayUnits } from '../../src/flush/replay.js';
import { aRun, aUnit, rowJson } from './support/rows.js';

const aPart = (change: Partial<SealedPart> = {}): SealedPart => ({
  batch: '7',
  lane: { table: 'events', month: '202611', doubt: false },
  members: ['1'],
  rows: 10,
  attempt: 0,
  cut: [],
  accepted: { '1': 10 },
  sites: { '1': 10 },
  known: {},
  days: 1,
  ...change,
});

describe('flush, the parts without I/O', () => {
  it('sorts every code of the three classes, and takes an unknown one for a reason to wait', () => {
    const kinds = (codes: readonly number[]): string[] => [
      ...new Set(codes.map((code) => classify(new ClickHouseError(code, 'x')).kind)),
    ];
    expect(kinds([6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 128, 130, 131, 190, 349, 376, 407, 691])).to.eql([
      'poison',
    ]);
    expect(
      kinds([159, 160, 202, 203, 209, 210, 216, 236, 241, 242, 252, 285, 286, 319, 394, 425, 439, 745, 999]),
    ).to.eql(['later']);
    expect(kinds([16, 20, 36, 47, 60, 62, 81, 115, 164, 192, 243, 497, 516])).to.eql(['stop']);
    expect(kinds([0, 4711])).to.eql(['later']);
    expect(classify(new ClickHouseUnreachable('gone')).kind).to.equal('later');
    expect(classify(new ClickHouseError(241, ''))).to.include({ relief: 'smaller' });
    expect(classify(new ClickHouseError(252, ''))).to.include({ relief: 'slower' });
  });

  it('reads the row to blame out of the message, from 0', () => {
    const message = 'Cannot parse: (at row 48)\n: while executing';
    expect(classify(new ClickHouseError(27, message))).to.include({ row: 47 });
    expect(classify(new ClickHouseError(27, 'Cannot parse'))).to.include({ row: null });
  });

  it('blames the row a message names, whatever the code, unless the code is about something else', () => {
    const kind = (code: number): string => classify(new ClickHouseError(code, 'x (at row 2)')).kind;
    // a lone surrogate: until this test it held up everything behind it for ever
    expect(kind(25)).to.equal('poison');
    expect(kind(4711)).to.equal('poison');
    expect([241, 394, 209].map(kind)).to.eql(['later', 'later', 'later']);
    expect(kind(243)).to.equal('stop');
  });

  it('does not swallow what is not about ClickHouse', () => {
    for (const error of [new StaleFence('x'), new BufferUnavailable('x', 'unknown'), new TypeError('x')]) {
      expect(() => classify(error)).to.throw(error.constructor as ErrorConstructor);
    }
  });

  it('waits with full jitter from 0.2 to 30 s', () => {
    expect(backoffMs(0, () => 1)).to.equal(200);
    expect(backoffMs(3, () => 1)).to.equal(1600);
    expect(backoffMs(1000, () => 1)).to.equal(30_000);
    expect(backoffMs(5, () => 0)).to.equal(0);
  });

  it('names only finished days of the month', () => {
    const noon = Date.UTC(2026, 10, 25, 12);
    const days = (1 << 0) | (1 << 23) | (1 << 24);
    expect(finishedDays(aPart({ days }), noon)).to.eql(['2026-11-01', '2026-11-24']);
    const october = aPart({ days: (2 ** 30) | 1, lane: { table: 'events', month: '202610', doubt: true } });
    expect(finishedDays(october, noon)).to.eql(['2026-10-01', '2026-10-31']);
    expect(finishedDays(aPart({ days, lane: { table: 'monitor', month: '', doubt: false } }), noon)).to.eql(
      [],
    );
  });

  it('gives every attempt its own token and pins what the defaults of a release decide', () => {
    expect(tokenOf(aPart())).to.equal('7');
    expect(tokenOf(aPart({ attempt: 2 }))).to.equal('7#2');
    expect(eventSettings(aPart({ attempt: 1 }))).to.include({
      async_insert: 0,
      insert_deduplicate: 1,
      deduplicate_insert: 'enable',
      deduplicate_insert_select: 'force_enable',
      insert_deduplication_token: '7#1',
      input_format_skip_unknown_fields: 0,
      date_time_input_format: 'basic',
      max_execution_time: 60,
    });
    expect(insertEvents('lintel', [{ name: 'consent', type: "Enum8('none' = 0)" }], '7')).to.equal(
      "INSERT INTO `lintel`.events (`consent`, batch) SELECT `consent`, toUInt64(7) FROM input('`consent` Enum8(\\'none\\' = 0)') FORMAT JSONEachRow",
    );
    expect(() => insertEvents('lintel', [], '7) FROM x')).to.throw(SyntaxError);
  });

  it('leaves out any rows and passes untouched members on byte for byte', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.stringMatching(/^[a-z{}":]{1,9}$/), { minLength: 1, maxLength: 9 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.func(fc.boolean()),
        (members, isCut) => {
          const packed = members.map((lines) => gzipSync(`${lines.join('\n')}\n`));
          const all = members.flat();
          const cut = all.map((_, row) => row).filter((row) => isCut(row));
          const left = withoutRows(packed, cut);
          const text = left.map((member) => gunzipSync(member).toString()).join('');
          expect(text.split('\n').filter(Boolean)).to.eql(all.filter((_, row) => !cut.includes(row)));
          let first = 0;
          for (const [n, lines] of members.entries()) {
            const touched = cut.some((row) => row >= first && row < first + lines.length);
            if (!touched) expect(left).to.include(packed[n]);
            first += lines.length;
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('divides and cuts so that rows, accepted, stored and known events add up', () => {
    const unit = aUnit([
      ...aRun(1, 6),
      ...aRun(2, 3, 0, { site: 2 }),
      { seq: 1_048_575, type: 'stream_end' },
    ]);
    const part = aPart({ accepted: { '1': 6, '2': 3 }, sites: { '1': 6, '2': 3 } });
    const lessOne = cutKnown(part, [2], new Map([[1, 1]]), '8');
    expect(lessOne).to.deep.include({ batch: '8', cut: [2], sites: { '1': 5, '2': 3 }, known: { '1': 1 } });
    const lessTwo = cutDead({ ...lessOne, attempt: 3 }, [7], new Map([[2, 1]]), '9');
    expect(lessTwo).to.deep.include({
      batch: '9',
      attempt: 0,
      cut: [2, 7],
      sites: { '1': 5, '2': 2 },
      known: { '1': 1 },
    });
    const [front, back] = halves(lessTwo, [unit.member], ['10', '11'])!;
    expect([...keptRows(front), ...keptRows(back)]).to.eql(keptRows(lessTwo));
    expect(front).to.deep.include({ accepted: part.accepted, known: { '1': 1 }, sites: { '1': 4 } });
    expect(back).to.deep.include({ accepted: {}, known: {}, sites: { '1': 1, '2': 2 } });
    expect(halves(aPart({ rows: 3, cut: [0, 2] }), [unit.member], ['10', '11'])).to.equal(null);
  });

  it('keeps all digits of a visitor, and survives lines that are no rows', () => {
    const line = Buffer.from(rowJson({ more: { visitor: '18446744073709551615' } }));
    expect(rowHead(line)).to.include({ visitor: '18446744073709551615', site: 1, seq: 0 });
    for (const text of ['', 'null', '[1]', '{"seq":-1,"site_id":1e9}', '{"visitor":']) {
      expect(() => rowHead(Buffer.from(text))).not.to.throw();
    }
    expect(memberLines(gzipSync('a\n\nb'))).to.have.length(2);
  });

  it('slows down and shrinks on demand, and recovers', () => {
    const pace = createPace(1000, { rows: 50_000, bytes: 8_000_000 });
    pace.inserted(400);
    expect(pace.intervalMs()).to.equal(1600);
    pace.relieve('slower');
    expect(pace.intervalMs()).to.equal(3200);
    pace.relieve('smaller');
    expect(pace.limits()).to.eql({ rows: 25_000, bytes: 4_000_000 });
    for (let n = 0; n < 20; n++) pace.inserted(10);
    expect(pace.intervalMs()).to.equal(1000);
    expect(pace.limits()).to.eql({ rows: 50_000, bytes: 8_000_000 });
    for (let n = 0; n < 99; n++) pace.relieve('smaller');
    expect(pace.limits().rows).to.equal(1000);
  });

  it('never has more than two at work', async () => {
    const limit = createLimit(2);
    let [now, most] = [0, 0];
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        limit(async () => {
          now += 1;
          most = Math.max(most, now);
          await new Promise((resolve) => setTimeout(resolve, n % 3));
          now -= 1;
        }),
      ),
    );
    expect([most, limit.active]).to.eql([2, 0]);
    await limit(() => Promise.reject(new Error('x'))).catch(() => {});
    expect(limit.active).to.equal(0);
  });

  it('replays a letter in the month of its own time, and leaves what it cannot read', () => {
    const raw = (text: string): string => Buffer.from(text).toString('base64');
    const october = rowJson({ ts: Date.UTC(2026, 9, 31, 23), seq: 4 });
    const { units, ids } = replayUnits([
      { id: 'a', site: 1, type: 'click', raw: raw(october) },
      { id: 'b', site: 1, type: '', raw: raw('{"oh') },
      { id: 'c', site: 1, type: '@monitor', raw: raw('{"at":"x"}') },
    ]);
    expect(ids).to.eql(['a']);
    expect(units[0]).to.deep.include({
      lane: { table: 'events', month: '202610', doubt: true },
      rows: 1,
      identities: [],
      days: 2 ** 30,
    });
  });
});
