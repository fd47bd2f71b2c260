import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Appended, Unit } from '../../src/buffer/index.js';
import { createRowWriter, laneName } from '../../src/buffer/index.js';
import type { WriterOptions } from '../../src/buffer/writer.js';
import { BufferUnavailable } from '../../src/errors.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { refusal } from './support/refusal.js';
import { until } from './support/until.js';
import { aRow, aStream, NOVEMBER, rowsOf } from './support/units.js';

const rowsIn = (unit: Unit): string[] => gunzipSync(unit.member).toString().trimEnd().split('\n');

/** A buffer whose appends wait until the test answers them. */
const heldBuffer = () => {
  const calls: { unit: Unit; answer(appended: Appended): void; fail(error: Error): void }[] = [];
  let fill = 0.25;
  let rows = 0;
  return {
    calls,
    setFill: (share: number) => (fill = share),
    setWaiting: (count: number) => (rows = count),
    buffer: {
      kind: 'disk' as const,
      shards: 1,
      append: (_shard: number, unit: Unit) =>
        new Promise<Appended>((answer, fail) => {
          calls.push({ unit, answer, fail });
        }),
      fill: () => Promise.resolve(fill),
      depth: () => Promise.resolve({ members: 1, rows, bytes: 50 * rows }),
    },
  };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('row writer', () => {
  const open = (collect: Partial<WriterOptions> = {}) => {
    const held = heldBuffer();
    const writer = createRowWriter({
      buffer: held.buffer,
      clock: { now: () => NOVEMBER },
      metrics: createMetrics(),
      log: silentLog,
      collectMs: 10_000,
      gapMs: 0,
      ...collect,
    });
    return { writer, ...held };
  };

  it('appends when the turn ends while nothing is in flight, and collects the next requests into one unit', async () => {
    const { writer, calls } = open();
    const first = writer.write(rowsOf(aStream(), 2));
    await turn();
    const others = [writer.write(rowsOf(aStream(), 3)), writer.write(rowsOf(aStream(), 1))];
    await turn();
    expect(calls.map(({ unit }) => unit.rows)).to.deep.equal([2]);
    calls[0]!.answer({ kind: 'stored' });
    expect(await first).to.deep.equal(['stored', 'stored']);
    await turn();
    expect(calls.map(({ unit }) => unit.rows)).to.deep.equal([2, 4]);
    calls[1]!.answer({ kind: 'stored' });
    expect((await Promise.all(others)).flat()).to.have.length(4);
  });

  it('does not wait longer than the collecting time, nor beyond the bytes', async () => {
    const { writer, calls } = open({ collectMs: 1, collectBytes: 500 });
    void writer.write(rowsOf(aStream(), 1));
    await turn();
    void writer.write([aRow({ json: `"${'x'.repeat(600)}"` })]);
    await turn();
    expect(calls.map(({ unit }) => unit.rows)).to.deep.equal([1, 1]);
    void writer.write(rowsOf(aStream(), 1));
    await until(() => calls.length === 3);
  });

  it('lets one unit leave in each gap', async () => {
    const { writer, calls } = open({ gapMs: 10_000 });
    void writer.write(rowsOf(aStream(), 1));
    await turn();
    calls[0]!.answer({ kind: 'stored' });
    await turn();
    void writer.write(rowsOf(aStream(), 2));
    await turn();
    void writer.write(rowsOf(aStream(), 3));
    await turn();
    expect(calls).to.have.length(1);
    const drained = writer.drain();
    expect(calls.map(({ unit }) => unit.rows)).to.deep.equal([1, 5]);
    calls[1]!.answer({ kind: 'stored' });
    await drained;
  });

  it('sends at once what comes after a pause, and ends the gap by itself', async () => {
    const { writer, calls } = open({ gapMs: 2 });
    for (const unit of [1, 2, 3]) {
      void writer.write(rowsOf(aStream(), 1));
      await until(() => calls.length === unit);
      calls[unit - 1]!.answer({ kind: 'stored' });
      await turn();
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
    void writer.write(rowsOf(aStream(), 1));
    await turn();
    expect(calls).to.have.length(4);
  });

  it('collects for longer while rows pile up in the buffer', async () => {
    const { writer, calls, setWaiting, buffer } = open({ patientGapMs: 10_000 });
    let asked = 0;
    const depth = buffer.depth;
    buffer.depth = () => {
      asked += 1;
      return depth();
    };
    setWaiting(200_000);
    await until(() => asked >= 1);
    void writer.write(rowsOf(aStream(), 1));
    await turn();
    calls[0]!.answer({ kind: 'stored' });
    await turn();
    const others = [writer.write(rowsOf(aStream(), 1)), writer.write(rowsOf(aStream(), 1))];
    await turn();
    expect(calls).to.have.length(1);
    const drained = writer.drain();
    expect(calls.map(({ unit }) => unit.rows)).to.deep.equal([1, 2]);
    calls[1]!.answer({ kind: 'stored' });
    await Promise.all([drained, ...others]);
  });

  it('builds the unit again without the rows that are stored already', async () => {
    const { writer, calls } = open();
    const rows = rowsOf(aStream(), 4);
    const verdicts = writer.write(rows);
    await turn();
    calls[0]!.answer({ kind: 'duplicate', at: [0, 2] });
    await turn();
    expect(rowsIn(calls[1]!.unit)).to.deep.equal([rows[1]!.json, rows[3]!.json]);
    expect(calls[1]!.unit.sites).to.deep.equal(new Map([[1, 2]]));
    calls[1]!.answer({ kind: 'duplicate', at: [1] });
    await turn();
    expect(rowsIn(calls[2]!.unit)).to.deep.equal([rows[1]!.json]);
    calls[2]!.answer({ kind: 'stored' });
    expect(await verdicts).to.deep.equal(['duplicate', 'stored', 'duplicate', 'duplicate']);
    expect(calls).to.have.length(3);
  });

  it('calls a row that repeats another of its unit a duplicate, over requests too', async () => {
    const { writer, calls } = open();
    const row = aRow();
    const blocking = writer.write([aRow()]);
    await turn();
    const twice = writer.write([row, row]);
    const again = writer.write([row]);
    await turn();
    calls[0]!.answer({ kind: 'stored' });
    await blocking;
    await turn();
    expect(calls[1]!.unit.rows).to.equal(1);
    calls[1]!.answer({ kind: 'stored' });
    expect(await twice).to.deep.equal(['stored', 'duplicate']);
    expect(await again).to.deep.equal(['duplicate']);
  });

  it('cuts units by month and doubt, and answers a request when all of its units are durable', async () => {
    const { writer, calls } = open();
    const rows = [
      aRow(),
      aRow({ ts: Date.UTC(2026, 10, 1) - 1 }),
      aRow({ ts: NOVEMBER - 6 * 86_400_000, kind: 'own' }),
    ];
    let done = false;
    const verdicts = writer.write(rows).then((answer) => {
      done = true;
      return answer;
    });
    await turn();
    expect(calls.map(({ unit }) => [laneName(unit.lane), unit.days, [...unit.sites]])).to.deep.equal([
      ['events:202611', 2 ** 24 + 2 ** 18, [[1, 1]]],
      ['events:202610:doubt', 2 ** 30, [[1, 1]]],
    ]);
    calls[0]!.answer({ kind: 'stored' });
    await turn();
    expect(done).to.equal(false);
    calls[1]!.answer({ kind: 'stored' });
    expect(await verdicts).to.have.length(3);
  });

  it('acknowledges nothing of a request when one of its units fails', async () => {
    const { writer, calls } = open();
    const failing = refusal(writer.write([aRow(), aRow({ ts: Date.UTC(2026, 9, 31) })]));
    await turn();
    calls[0]!.answer({ kind: 'stored' });
    calls[1]!.fail(new BufferUnavailable('away', 'unknown'));
    expect(await failing).to.be.instanceOf(BufferUnavailable);
    await writer.drain();
  });

  it('passes side rows through without identities', async () => {
    const { writer, calls } = open();
    const done = writer.writeSide('audit', ['{"n":1}', '{"n":2}']);
    await turn();
    const { unit } = calls[0]!;
    expect([laneName(unit.lane), unit.identities, unit.rows, rowsIn(unit)]).to.deep.equal([
      'audit',
      [],
      2,
      ['{"n":1}', '{"n":2}'],
    ]);
    calls[0]!.answer({ kind: 'stored' });
    await done;
  });

  it('drains what is collected and what is in flight', async () => {
    const { writer, calls } = open();
    const answers = [writer.write([aRow()])];
    await turn();
    answers.push(writer.write([aRow()]));
    let drained = false;
    const drain = writer.drain().then(() => (drained = true));
    await turn();
    expect(calls).to.have.length(2);
    calls[0]!.answer({ kind: 'stored' });
    await turn();
    expect(drained).to.equal(false);
    calls[1]!.answer({ kind: 'stored' });
    await drain;
    await Promise.all(answers);
  });

  it('knows the fill of the buffer, and takes silence for full', async () => {
    const { writer, setFill, buffer } = open();
    await turn();
    expect(writer.fill()).to.equal(0.25);
    setFill(0.5);
    await until(() => writer.fill() === 0.5);
    buffer.fill = () => Promise.reject(new BufferUnavailable('away', 'refused'));
    await until(() => writer.fill() === 1);
  });
});
