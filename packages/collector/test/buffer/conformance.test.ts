import { expect } from 'chai';
import type { Buffer as MemberBuffer } from '../../src/buffer/index.js';
import { StaleFence } from '../../src/errors.js';
import { refusal } from './support/refusal.js';
import { diskSubject, redisSubject, type Subject } from './support/subjects.js';
import {
  aRow,
  aSideUnit,
  aStream,
  aUnit,
  drain,
  EVENTS,
  fenceOf,
  LIMITS,
  NOVEMBER,
  readMembers,
  readRows,
  rowsOf,
} from './support/units.js';

/** ms; long enough that a busy machine makes three calls within it. */
const LEASE = 1_000;

for (const [name, create] of [
  ['disk', diskSubject],
  ['redis', redisSubject],
] as const) {
  describe(`buffer on ${name}`, function () {
    this.timeout(120_000);
    let subject: Subject;
    let buffer: MemberBuffer;

    before(async () => {
      subject = await create();
    });
    after(async () => {
      await subject.end();
    });
    beforeEach(async () => {
      await subject.clear();
      buffer = await subject.open();
    });
    afterEach(async () => {
      await buffer.close();
    });

    const reopen = async (): Promise<void> => {
      await buffer.close();
      buffer = await subject.open();
    };

    it('keeps a unit over a restart, byte for byte', async () => {
      const unit = aUnit(rowsOf(aStream(), 3));
      expect(await buffer.append(0, unit)).to.deep.equal({ kind: 'stored' });
      await reopen();
      const sealed = await buffer.seal(LIMITS, await fenceOf(buffer));
      const [member] = await readMembers(buffer, sealed!, sealed!.parts[0]!);
      expect(Buffer.compare(member!, unit.member)).to.equal(0);
    });

    it('refuses a repeated unit and writes nothing of it', async () => {
      const unit = aUnit(rowsOf(aStream(), 3));
      await buffer.append(0, unit);
      expect(await buffer.append(0, unit)).to.deep.equal({ kind: 'duplicate', at: [0, 1, 2] });
      expect((await buffer.depth()).members).to.equal(1);
      expect((await buffer.ledger()).get(1)).to.deep.equal({ accepted: 3, committed: 0, known: 0 });
    });

    it('names the stored rows of a mixed unit and leaves the others free', async () => {
      const [stored, fresh] = [aStream(), aStream()];
      await buffer.append(0, aUnit(rowsOf(stored, 2, 5)));
      const mixed = [...rowsOf(fresh, 2), ...rowsOf(stored, 4, 4), ...rowsOf(fresh, 1, 7)];
      expect(await buffer.append(0, aUnit(mixed))).to.deep.equal({ kind: 'duplicate', at: [3, 4] });
      expect((await buffer.depth()).rows).to.equal(2);
      const rest = mixed.filter((_, index) => index !== 3 && index !== 4);
      expect(await buffer.append(0, aUnit(rest))).to.deep.equal({ kind: 'stored' });
    });

    it('names a row that repeats an earlier one of its unit, and writes nothing', async () => {
      const stream = aStream();
      const rows = [aRow({ stream, seq: 9 }), aRow({ stream, seq: 8 }), aRow({ stream, seq: 9 })];
      expect(await buffer.append(0, aUnit(rows))).to.deep.equal({ kind: 'duplicate', at: [2] });
      expect((await buffer.depth()).members).to.equal(0);
      expect(await buffer.append(0, aUnit(rows.slice(0, 2)))).to.deep.equal({ kind: 'stored' });
      expect(await buffer.append(0, aUnit(rows))).to.deep.equal({ kind: 'duplicate', at: [0, 1, 2] });
    });

    it('tells rows apart at the edges of pages, runs and the highest number', async () => {
      const stream = aStream();
      const seqs = [0, 31, 32, 33, 63, 64, 4095, 4096, 8191, 8192, 983_039, 983_040, 1_048_575];
      const rows = seqs.map((seq) => aRow({ stream, seq }));
      expect(await buffer.append(0, aUnit(rows))).to.deep.equal({ kind: 'stored' });
      const neighbours = seqs.flatMap((seq) => [seq - 1, seq + 1]).filter((seq) => seq >= 0 && seq < 2 ** 20);
      const others = [...new Set(neighbours)].filter((seq) => !seqs.includes(seq));
      expect(await buffer.append(0, aUnit(others.map((seq) => aRow({ stream, seq }))))).to.deep.equal({
        kind: 'stored',
      });
      expect(await buffer.append(0, aUnit(rows))).to.deep.equal({
        kind: 'duplicate',
        at: seqs.map((_, index) => index),
      });
    });

    it('does not ask the bits for a unit without identities', async () => {
      const unit = { ...aUnit(rowsOf(aStream(), 2)), identities: [] };
      expect(await buffer.append(0, unit)).to.deep.equal({ kind: 'stored' });
      expect(await buffer.append(0, unit)).to.deep.equal({ kind: 'stored' });
      expect((await buffer.depth()).rows).to.equal(4);
    });

    it('stores each row once when many units race with the same rows', async () => {
      const stream = aStream();
      const unit = aUnit(rowsOf(stream, 5));
      const answers = await Promise.all(Array.from({ length: 20 }, () => buffer.append(0, unit)));
      expect(answers.filter(({ kind }) => kind === 'stored')).to.have.length(1);
      expect((await buffer.depth()).rows).to.equal(5);
    });

    it('splits a sealed range by lane and sums sites and days', async () => {
      const december = { ...EVENTS, month: '202612' };
      const first = rowsOf(aStream(), 2, 0, { siteId: 7 });
      await buffer.append(0, aUnit(first));
      await buffer.append(0, aUnit([aRow({ siteId: 8, ts: Date.UTC(2026, 11, 31, 23) })], december));
      await buffer.append(0, aUnit([aRow({ siteId: 8, ts: NOVEMBER - 86_400_000 }), aRow({ kind: 'own' })]));
      await buffer.append(0, aSideUnit(['{"name":"fill"}']));
      const sealed = (await buffer.seal(LIMITS, await fenceOf(buffer)))!;
      expect(
        sealed.parts.map(({ lane, rows, sites, days, members }) => [lane, rows, sites, days, members.length]),
      ).to.deep.equal([
        [EVENTS, 4, { 7: 2, 8: 1 }, 2 ** 24 + 2 ** 23, 2],
        [december, 1, { 8: 1 }, 2 ** 30, 1],
        [{ table: 'monitor', month: '', doubt: false }, 1, {}, 0, 1],
      ]);
      expect(new Set(sealed.parts.map(({ batch }) => batch)).size).to.equal(3);
      expect((await readRows(buffer, sealed, sealed.parts[0]!)).slice(0, 2)).to.deep.equal(
        first.map(({ stream, seq }) => `${stream}/${seq}`),
      );
      await buffer.commit(sealed, await fenceOf(buffer));
      const ledger = await buffer.ledger();
      expect(ledger.get(7)).to.deep.equal({ accepted: 2, committed: 2, known: 0 });
      expect(ledger.get(8)).to.deep.equal({ accepted: 2, committed: 2, known: 0 });
    });

    it('seals at most the limits, at least one member, oldest first', async () => {
      const units = Array.from({ length: 200 }, () => aUnit(rowsOf(aStream(), 2)));
      for (const unit of units) await buffer.append(0, unit);
      const fence = await fenceOf(buffer);
      const sealed = (await buffer.seal({ rows: 300, bytes: 1e9 }, fence))!;
      expect(sealed.parts[0]!.rows).to.equal(300);
      const members = await readMembers(buffer, sealed, sealed.parts[0]!);
      expect(members.every((member, index) => member.equals(units[index]!.member))).to.equal(true);
      await buffer.commit(sealed, fence);
      const tiny = (await buffer.seal({ rows: 1, bytes: 1 }, fence))!;
      expect(tiny.parts[0]!.members).to.have.length(1);
      await buffer.commit(tiny, fence);
      expect((await drain(buffer, fence)).length).to.equal(98);
      expect(await buffer.depth()).to.deep.equal({ members: 0, rows: 0, bytes: 0 });
    });

    it('answers an open manifest again, unchanged, to the next flusher too, and the same bytes twice', async () => {
      await buffer.append(0, aUnit(rowsOf(aStream(), 3)));
      const fence = await fenceOf(buffer, 'first');
      const sealed = (await buffer.seal(LIMITS, fence))!;
      await buffer.append(0, aUnit(rowsOf(aStream(), 3)));
      expect(await buffer.seal(LIMITS, fence)).to.deep.equal(sealed);
      await buffer.release(fence);
      await reopen();
      const next = await fenceOf(buffer, 'second');
      expect(await buffer.seal({ rows: 1, bytes: 1 }, next)).to.deep.equal(sealed);
      const read = () => readMembers(buffer, sealed, sealed.parts[0]!);
      expect(await read()).to.deep.equal(await read());
    });

    it('keeps a revised manifest, also a divided part', async () => {
      await buffer.append(0, aUnit(rowsOf(aStream(), 4)));
      const fence = await fenceOf(buffer);
      const sealed = (await buffer.seal(LIMITS, fence))!;
      const part = sealed.parts[0]!;
      const [left, right] = [await buffer.nextBatch(fence), await buffer.nextBatch(fence)];
      expect(new Set([part.batch, left, right]).size).to.equal(3);
      const revised = {
        ...sealed,
        parts: [
          { ...part, batch: left, cut: [2, 3], attempt: 2, sites: { 1: 2 } },
          { ...part, batch: right, cut: [0, 1], accepted: {}, sites: { 1: 1 }, known: { 1: 1 } },
        ],
      };
      await buffer.revise(revised, fence);
      expect(await buffer.seal(LIMITS, fence)).to.deep.equal(revised);
      expect(await refusal(buffer.commit(sealed, fence))).to.be.instanceOf(StaleFence);
      await buffer.commit(revised, fence);
      expect((await buffer.ledger()).get(1)).to.deep.equal({ accepted: 4, committed: 4, known: 1 });
      expect(await buffer.seal(LIMITS, fence)).to.equal(null);
    });

    it('refuses half a commit and leaves the range as it was', async () => {
      const december = { ...EVENTS, month: '202612' };
      await buffer.append(0, aUnit(rowsOf(aStream(), 2)));
      await buffer.append(0, aUnit(rowsOf(aStream(), 2), december));
      const fence = await fenceOf(buffer);
      const sealed = (await buffer.seal(LIMITS, fence))!;
      const half = { ...sealed, parts: sealed.parts.slice(0, 1) };
      expect(await refusal(buffer.commit(half, fence))).to.be.instanceOf(StaleFence);
      expect(await refusal(buffer.revise(half, fence))).to.be.instanceOf(StaleFence);
      expect(await refusal(buffer.commit({ ...sealed, last: sealed.first }, fence))).to.be.instanceOf(
        StaleFence,
      );
      expect((await buffer.depth()).rows).to.equal(4);
      await buffer.commit(sealed, fence);
    });

    it('counts a commit once when it is repeated after an unknown outcome', async () => {
      await buffer.append(0, aUnit(rowsOf(aStream(), 3)));
      const fence = await fenceOf(buffer);
      const sealed = (await buffer.seal(LIMITS, fence))!;
      await buffer.commit(sealed, fence);
      await buffer.append(0, aUnit(rowsOf(aStream(), 2)));
      await buffer.commit(sealed, fence);
      expect((await buffer.ledger()).get(1)).to.deep.equal({ accepted: 5, committed: 3, known: 0 });
      expect((await buffer.depth()).rows).to.equal(2);
    });

    it('gives the lease to one owner and refuses every call of the former', async () => {
      await buffer.append(0, aUnit(rowsOf(aStream(), 3)));
      const old = (await buffer.acquire(0, 'old', LEASE))!;
      expect(await buffer.acquire(0, 'new', LEASE)).to.equal(null);
      expect(await buffer.acquire(0, 'old', LEASE)).to.deep.equal(old);
      const sealed = (await buffer.seal(LIMITS, old))!;
      await new Promise((resolve) => setTimeout(resolve, 1.5 * LEASE));
      expect(await buffer.renew(old, LEASE)).to.equal(true);
      await new Promise((resolve) => setTimeout(resolve, 1.5 * LEASE));
      const fresh = (await buffer.acquire(0, 'new', 15_000))!;
      expect(fresh.token).to.be.greaterThan(old.token);
      expect(await buffer.renew(old, 15_000)).to.equal(false);
      const calls = [
        () => buffer.seal(LIMITS, old),
        () => buffer.revise(sealed, old),
        () => buffer.nextBatch(old),
        () => buffer.commit(sealed, old),
      ];
      for (const call of calls) expect(await refusal(call())).to.be.instanceOf(StaleFence);
      await buffer.release(old);
      expect(await buffer.acquire(0, 'third', LEASE)).to.equal(null);
      expect((await buffer.depth()).rows).to.equal(3);
      await buffer.commit(sealed, fresh);
      await buffer.release(fresh);
      expect((await buffer.acquire(0, 'third', LEASE))!.token).to.be.greaterThan(fresh.token);
    });

    it('recognises rows after their commit', async () => {
      const unit = aUnit(rowsOf(aStream(), 3));
      await buffer.append(0, unit);
      await drain(buffer, await fenceOf(buffer));
      await reopen();
      expect(await buffer.append(0, unit)).to.deep.equal({ kind: 'duplicate', at: [0, 1, 2] });
    });

    it('tells depth, age and fill', async () => {
      expect(await buffer.oldest()).to.equal(null);
      const before = Date.now();
      const unit = aUnit(rowsOf(aStream(), 3));
      await buffer.append(0, unit);
      expect(await buffer.depth()).to.deep.equal({ members: 1, rows: 3, bytes: unit.member.length });
      expect(await buffer.oldest()).to.be.within(before - 1000, Date.now() + 1000);
      expect(await buffer.fill()).to.be.within(0, 1);
    });
  });
}
